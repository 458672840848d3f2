"""Segments: records read by their place. On S3 only what is read is fetched, not the whole segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeVar, cast

from pipelines.archive.objects import (
    SEGMENT,
    ArchiveError,
    ObjectDamaged,
    content_digest,
    explained,
    storage,
)
from pipelines.archive.warc import response_body, response_headers

LEAST, MOST = 64 * 1024, 8 * 1024 * 1024  # bytes that are fetched at once beyond what is read

T = TypeVar("T")


@contextmanager
def open_segment(folder: str) -> Iterator[BinaryIO]:
    """A folder's segment, opened for ``seek`` and ``read``; :class:`ObjectMissing` if it is not there."""
    key = f"{folder}/{SEGMENT}"
    with explained(key):
        file = storage().open(key, "rb")
    with file:
        remote = getattr(file, "obj", None)  # of boto3, in a file of the storage for S3
        yield cast("BinaryIO", file if remote is None else _Ranges(remote, key))


class _Ranges:
    """An object of S3 of which ranges are fetched. Who reads on has ever larger ones fetched."""

    def __init__(self, remote: Any, key: str) -> None:
        self._remote, self._key = remote, key
        self._at = self._begin = 0
        self._held = b""
        self._ahead = LEAST

    def seek(self, offset: int) -> None:
        self._at = offset

    def read(self, length: int) -> bytes:
        """At most so many bytes. Raises :class:`ArchiveError`."""
        length = max(0, min(length, self._remote.content_length - self._at))
        if length and not self._begin <= self._at <= self._at + length <= self._begin + len(self._held):
            self._fetch(length)
        start = self._at - self._begin
        self._at += length
        return self._held[start : start + length]

    def _fetch(self, length: int) -> None:
        goes_on = self._held and 0 <= self._at - self._begin <= len(self._held) + self._ahead
        self._ahead = min(2 * self._ahead, MOST) if goes_on else LEAST
        end = min(self._at + max(length, self._ahead), self._remote.content_length)
        with explained(self._key):
            answer = self._remote.get(Range=f"bytes={self._at}-{end - 1}")
            self._begin, self._held = self._at, answer["Body"].read()


def read_body(folder: str, offset: int, length: int) -> bytes:
    """The decoded body in one WARC record of a folder's segment, by a range read."""
    with open_segment(folder) as segment:
        return read_body_at(segment, offset, length)


def read_body_at(segment: BinaryIO, offset: int, length: int) -> bytes:
    """The decoded body in the WARC record at ``offset`` of an open segment.

    Raises :class:`ObjectDamaged` if there is none, and :class:`ArchiveError` if it cannot be read now.
    """
    return _read_at(segment, offset, length, response_body)


def read_headers_at(segment: BinaryIO, offset: int, length: int) -> list[tuple[str, str]]:
    """The response headers in the WARC record at ``offset`` of an open segment, names in lower case."""
    return _read_at(segment, offset, length, response_headers)


def read_record_at(segment: BinaryIO, offset: int, length: int) -> bytes:
    """The WARC record itself at ``offset`` of an open segment, a gzip member; raises as before."""
    return _read_at(segment, offset, length, _readable)


def _readable(member: bytes) -> bytes:
    response_body(member)
    return member


def _read_at(segment: BinaryIO, offset: int, length: int, read: Callable[[bytes], T]) -> T:
    with explained(f"the segment's record at {offset}"):
        segment.seek(offset)
        member = segment.read(length)
    try:
        return read(member)
    except ValueError as error:
        raise ObjectDamaged(f"the segment has no readable record at {offset}: {error}") from error


def is_sound(segment: BinaryIO, offset: int, length: int, digest: str) -> bool:
    """Whether an open segment holds, in the WARC record at ``offset``, a body with this digest."""
    try:
        return content_digest(read_body_at(segment, offset, length)) == digest
    except ArchiveError:
        return False
