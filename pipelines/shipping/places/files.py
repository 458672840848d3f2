"""What all places for files do: the file, its manifest beside it, and away with what is too old."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import BinaryIO, Protocol

import msgspec

from pipelines.shipping.names import FILE_NAME, MANIFEST
from pipelines.shipping.places.place import Lot
from pipelines.telling.kinds.kind import Setting

PROBE = ".crawlbeat-test"
NAME = Setting(
    FILE_NAME,
    "File name",
    "Empty: each file gets the outlet's name and a number. With a name, each file replaces the one before.",
    needed=False,
)
KEEP_HELP = "Files of this outlet beyond so many, the oldest first, are deleted."
PIECE = 262_144  # bytes that are copied at once


class Files(Protocol):
    """A folder at a place. Its methods raise what its library raises."""

    def put(self, name: str, file: BinaryIO, kept: Callable[[], None]) -> None:
        """Write a file: it appears whole or not at all, in place of one of the same name."""

    def names(self) -> Iterable[str]:
        """The names of its files."""

    def remove(self, name: str) -> None:
        """Delete a file; no error if it is gone already."""


def put_all(lot: Lot, files: Files) -> str:
    """Write the file of a lot and then its manifest, remove what is too old; a sentence on it."""
    with lot.opened() as file:
        files.put(lot.file_name, file, lot.kept)
    manifest = msgspec.json.format(msgspec.json.encode(lot.manifest), indent=2)
    files.put(f"{lot.file_name}{MANIFEST}", io.BytesIO(manifest), lot.kept)
    removed = _surplus(files.names(), lot) if lot.keep is not None else []
    for name in removed:
        files.remove(name)
    return f"{lot.file_name} is there." + (f" {len(removed)} older files were deleted." if removed else "")


def try_out(files: Files) -> None:
    """Write a small file and delete it."""
    files.put(PROBE, io.BytesIO(b"written to see whether files can be written\n"), lambda: None)
    files.remove(PROBE)


def _surplus(names: Iterable[str], lot: Lot) -> list[str]:
    """What this outlet wrote before its last so many shipments."""
    numbers = {name: number for name in names if (number := lot.mine(name)) is not None}
    earlier = sorted({number for number in numbers.values() if number <= lot.number}, reverse=True)
    stay = {lot.number, *earlier[: lot.keep]}
    return sorted(name for name, number in numbers.items() if number in set(earlier) - stay)
