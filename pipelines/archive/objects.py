"""Objects of the archive: written once and whole, deleted by key or by folder."""

from __future__ import annotations

import errno
import hashlib
import secrets
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, BinaryIO, NamedTuple, TypeVar, cast

import msgspec
import zstandard
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

SEGMENT = "segment.warc.gz"
FETCHED = "fetched.msgpack.zst"
PARSED = "parsed.msgpack.zst"
BATCHES = "batches"
FAST = -5  # zstd's level for stage objects: nearly all that is long in them is packed already

T = TypeVar("T")


class WriteFailure(NamedTuple):
    """A write to the archive that failed, and when (UTC)."""

    at: datetime
    error: str


_failures: deque[WriteFailure] = deque(maxlen=1)  # of this process: the last one, until a write works


class ArchiveError(Exception):
    """The archive cannot do what was asked; the message is for operators."""


class ArchiveFull(ArchiveError):
    """No space is left where the archive lives. Nothing was written."""


class ObjectMissing(ArchiveError):
    """An object that a row refers to does not exist."""


class ObjectDamaged(ArchiveError):
    """An object is there, but cannot be read: it is damaged, or another release has written it."""


def storage() -> Storage:
    """Where objects live; looked up each time, so that settings can change in tests."""
    return storages["archive"]


def new_folder(now: datetime) -> str:
    """A name no batch has: ``batches/2026/11/23/101500-9f86d081d3``; by its time a sweep finds orphans."""
    return f"{BATCHES}/{now:%Y/%m/%d/%H%M%S}-{secrets.token_hex(5)}"


def content_digest(body: bytes) -> str:
    """sha256 of a decoded body in hex: equal digests are the same content."""
    return hashlib.sha256(body).hexdigest()


def write_object(folder: str, name: str, data: bytes) -> None:
    """Write a whole object, or raise :class:`ArchiveFull` or :class:`ArchiveError` and leave none."""
    write_file(folder, name, ContentFile(data))


def write_file(folder: str, name: str, file: IO[bytes]) -> None:
    """Like :func:`write_object`, from an open binary file."""
    key = f"{folder}/{name}"
    try:
        with explained(key):
            storage().save(key, file)
    except ArchiveError as error:
        _failures.append(WriteFailure(datetime.now(UTC), str(error)))
        raise
    _failures.clear()


def last_write_failure() -> WriteFailure | None:
    """Why this process's last write failed; None when it did not."""
    return next(iter(_failures), None)


def read_object(folder: str, name: str) -> bytes:
    """A whole object; :class:`ObjectMissing` if it is not there."""
    with open_object(folder, name) as file:
        return file.read()


@contextmanager
def open_object(folder: str, name: str) -> Iterator[BinaryIO]:
    """An object opened for reading and seeking; :class:`ObjectMissing` if it is not there."""
    key = f"{folder}/{name}"
    with explained(key):
        file = storage().open(key, "rb")
    with file:
        yield cast("BinaryIO", file)


def object_size(folder: str, name: str) -> int:
    """An object's length in bytes; :class:`ObjectMissing` if it is not there."""
    key = f"{folder}/{name}"
    with explained(key):
        return storage().size(key)


def delete_object(folder: str, name: str) -> None:
    """Delete an object; no error if it is gone already."""
    key = f"{folder}/{name}"
    with explained(key):
        storage().delete(key)


def delete_folder(folder: str) -> None:
    """Delete all objects of a batch folder, and the folder where folders are real."""
    place = storage()
    with explained(folder):
        try:
            names = place.listdir(folder)[1]
        except FileNotFoundError:
            return
        for name in names:
            place.delete(f"{folder}/{name}")
        place.delete(folder)


def dump(items: Sequence[msgspec.Struct]) -> bytes:
    """Structs as the bytes of a stage object."""
    return zstandard.ZstdCompressor(level=FAST).compress(msgspec.msgpack.encode(items))


def load(data: bytes, kind: type[T]) -> list[T]:
    """The structs of a stage object; :class:`ObjectDamaged` if it is none of these."""
    try:
        raw = zstandard.ZstdDecompressor().decompress(data)
        return msgspec.msgpack.decode(raw, type=list[kind])  # type: ignore[valid-type]
    except (msgspec.DecodeError, zstandard.ZstdError) as error:
        raise ObjectDamaged(f"not a list of {kind.__name__}: {error}") from error


@contextmanager
def explained(key: str) -> Iterator[None]:
    """Turn the errors of a disk and of S3 into ours, with the key named."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(f"{key} is not in the archive") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ArchiveFull(f"no space is left for {key}: free some where the archive lives") from error
        raise ArchiveError(f"{key}: {error.strerror or error}") from error
    except (BotoCoreError, ClientError) as error:  # all that boto3 raises: S3 is not reached, or refuses
        raise ArchiveError(f"{key}: {error}") from error
