"""A folder of the machine or container on which the workers run, below ``outlets`` in the data folder.

Who may write an outlet need not be who runs the machine, so no outlet names a path elsewhere. The operator
can: by a symbolic link, or a mount, below ``outlets``.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from django.conf import settings

from pipelines.shipping.places.files import NAME, PIECE, put_all, try_out
from pipelines.shipping.places.place import FILE, Lot, Spot
from pipelines.telling.kinds.kind import Answer, Problems, Setting, error_words

LABEL = "Folder"
TAKES = FILE
FOLDER = "outlets"  # in the data folder
PART = ".part-"  # before the name of a file that is being written
SETTINGS = (
    Setting(
        "folder", "Folder", "Below the folder “outlets” in Crawlbeat's data folder, such as shop/prices."
    ),
    NAME,
)


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """That it leads nowhere else."""
    path = PurePosixPath(str(options.get("folder", "")))
    inside = path.parts and not path.is_absolute() and not any(part.startswith(".") for part in path.parts)
    if not inside or not str(path).isprintable() or "\\" in str(path):
        return {
            "folder": "Give the name of a folder, such as shop/prices, that does not begin with / or a dot."
        }
    return {}


def send(lot: Lot) -> Answer:
    """Write the file."""
    try:
        path = _path(lot.spot)
        return Answer(True, f"{put_all(lot, _Folder(path))} The folder is {path}.")
    except OSError as error:
        return Answer(False, _words(error))


def probe(spot: Spot) -> Answer:
    """Write a small file and delete it."""
    try:
        try_out(_Folder(_path(spot)))
    except OSError as error:
        return Answer(False, _words(error))
    return Answer(True, f"Files can be written in {_path(spot)}.")


def _path(spot: Spot) -> Path:
    return Path(settings.DATA_DIR, FOLDER, *PurePosixPath(spot.options["folder"]).parts)


def _words(error: OSError) -> str:
    return f"The folder did not take it: {error_words(error)}."


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, name: str, file: BinaryIO, kept: Callable[[], None]) -> None:
        """Through a file of another name, which is synced to the disk and renamed."""
        self._path.mkdir(parents=True, exist_ok=True)
        part = self._path / f"{PART}{secrets.token_hex(8)}"
        try:
            with part.open("xb") as target:
                while piece := file.read(PIECE):
                    target.write(piece)
                    kept()
                target.flush()
                os.fsync(target.fileno())
            kept()
            part.replace(self._path / name)
        finally:  # a part that is whole was renamed
            part.unlink(missing_ok=True)
        self._sync()

    def _sync(self) -> None:
        """The new name outlives a power cut, too."""
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def names(self) -> Iterable[str]:
        return [each.name for each in self._path.iterdir() if each.is_file()]

    def remove(self, name: str) -> None:
        (self._path / name).unlink(missing_ok=True)
