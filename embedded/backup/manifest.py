"""What a backup holds: a file beside it that names each of its files, with size and checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec

from embedded.errors import UsageError

NAME = "manifest.json"
DATABASE = "crawlbeat.sqlite3"
KEYS = ("secret_key", "secrets_key")
FORMAT = 1
_CHUNK = 1 << 20  # bytes


class Entry(msgspec.Struct, frozen=True):
    """A file of a backup."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``files`` are paths in the backup, with /. ``archive`` says where the archive was: here or on S3."""

    format: int = FORMAT
    version: str  # of the release that made it
    made_at: str  # ISO 8601, UTC
    archive: str
    files: dict[str, Entry]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.bytes for entry in self.files.values())


def entry_of(file: BinaryIO) -> Entry:
    """Size and checksum of an open file, from where it stands."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Entry(size, digest.hexdigest())


def entries_below(folder: Path) -> Iterator[tuple[str, Entry]]:
    """All files below a folder but the manifest itself."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name != NAME:
            with path.open("rb") as file:
                yield name, entry_of(file)


def written(manifest: Manifest) -> bytes:
    """The text of the file."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def read(text: bytes, source: Path) -> Manifest:
    """The manifest of a backup. Raises UsageError, with a sentence for people, if it is none of ours."""
    try:
        manifest = msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise UsageError(f"BACKUP: {source} is no backup: {NAME} cannot be read ({error})") from error
    if manifest.format != FORMAT:
        raise UsageError(f"BACKUP: {source} was made by a newer release ({manifest.version}); use that one")
    if unsafe := [name for name in manifest.files if not _is_safe(name)]:
        raise UsageError(f"BACKUP: {source} names a file outside of the data folder: {unsafe[0]!r}")
    if DATABASE not in manifest.files:
        raise UsageError(f"BACKUP: {source} holds no database")
    return manifest


def _is_safe(name: str) -> bool:
    """Whether a name stays within the folder that it is put into."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name and name != NAME
