"""A data folder made of a backup: every file is checked before the folder gets its name."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from embedded.backup.manifest import KEYS, NAME, Manifest, entry_of, read
from embedded.errors import Trouble, UsageError

Open = Callable[[str], BinaryIO]


def restore(source: Path, target: Path) -> Manifest:
    """Make the data folder ``target``, which must be new or empty.

    Raises:
        UsageError: the source is no backup, or the target holds something.
        Trouble: the backup is damaged, or the disk is full. The target is as it was.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"--data: {target} is not empty; name a new folder")
    folder = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with ExitStack() as opened:
            open_file = _opener(source, opened)
            manifest = _manifest(source, open_file)
            _check(manifest, open_file)
            folder.mkdir(mode=0o700, parents=True)
            for name in manifest.files:
                _copy(name, open_file, folder / name)
        _check(manifest, lambda name: (folder / name).open("rb"))
        folder.rename(target)
    except (OSError, tarfile.TarError) as error:
        raise Trouble(f"the backup could not be brought back: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return manifest


def _opener(source: Path, opened: ExitStack) -> Open:
    """How files of the backup are opened: from a folder, or from a tar. Only names of the manifest are."""
    if source.is_dir():
        return lambda name: (source / name).open("rb")
    if not source.is_file() or not tarfile.is_tarfile(source):
        raise UsageError(f"BACKUP: {source} is no backup: neither a folder nor a tar")
    tar = opened.enter_context(tarfile.open(source))  # noqa: SIM115  closed with the stack

    def open_member(name: str) -> BinaryIO:
        try:
            file = tar.extractfile(name)
        except KeyError:
            file = None
        if file is None:
            raise FileNotFoundError(f"{name} is not in {source}")
        return file  # type: ignore[return-value]

    return open_member


def _manifest(source: Path, open_file: Open) -> Manifest:
    try:
        with open_file(NAME) as file:
            return read(file.read(), source)
    except FileNotFoundError:
        raise UsageError(f"BACKUP: {source} is no backup: it has no {NAME}") from None


def _check(manifest: Manifest, open_file: Open) -> None:
    for name, entry in manifest.files.items():
        try:
            with open_file(name) as file:
                is_sound = entry_of(file) == entry
        except FileNotFoundError:
            is_sound = False
        if not is_sound:
            raise Trouble(f"the backup is damaged: {name} is missing or is not what was written")


def _copy(name: str, open_file: Open, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_file(name) as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    if name in KEYS:
        target.chmod(0o600)
