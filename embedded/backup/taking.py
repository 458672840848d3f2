"""Taking a backup of a data folder, while it is in use or not.

The order makes it whole. What the rows name is linked first, then the database is copied as of one moment,
then what that copy names is linked: a segment is written before its row, and one that is deleted meanwhile
has its link. A batch that was under way may be without what one stage hands to the next; its pages are then
fetched again, as after any loss.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from embedded.backup.manifest import DATABASE, KEYS, NAME, Manifest, entries_below, written
from embedded.datadir import DataFolder
from embedded.errors import Trouble, UsageError

HERE, S3 = "here", "s3"
SEGMENT = "segment.warc.gz"
_FOLDERS = "SELECT folder FROM catalog_batch"
_NEEDED = "SELECT folder FROM catalog_batch WHERE state = 'stored' AND live_bytes > 0"
_SHORTCUT = "bodies-"  # files that count on this machine alone


def take(data: DataFolder, archive: Path | None, target: Path, version: str) -> Manifest:
    """Write a backup: a folder that is new or empty, or a file that ends in .tar.

    ``archive`` is None when the archive is on S3: then it is not in the backup.

    Raises:
        UsageError: the target cannot be used.
        Trouble: the disk is full, or cannot be read or written.
    """
    is_file = target.suffix == ".tar"
    _check(target, is_file)
    folder = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        folder.mkdir(mode=0o700, parents=True)
        manifest = _fill(data, archive, folder, version)
        if is_file:
            _pack(folder, target)
        else:
            folder.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise Trouble(f"the backup could not be written: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return manifest


def _check(target: Path, is_file: bool) -> None:
    if is_file and target.exists():
        raise UsageError(f"BACKUP: {target} is there already; name a new file")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"BACKUP: {target} is there already; name a new folder, or a file that ends in .tar")


def _fill(data: DataFolder, archive: Path | None, folder: Path, version: str) -> Manifest:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    source = data.path / DATABASE
    if archive is not None:
        _link_batches(archive, _names(source, _FOLDERS), folder)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(folder / DATABASE)) as copy:
        live.backup(copy)  # of one moment; writers do not wait for it
    if archive is not None:
        _link_named(archive, folder)
    for name in KEYS:
        if (data.path / name).is_file():
            shutil.copy2(data.path / name, folder / name)
    if (data.path / "extractors").is_dir():
        shutil.copytree(data.path / "extractors", folder / "extractors")
    files = dict(entries_below(folder))
    manifest = Manifest(version=version, made_at=made_at, archive=HERE if archive else S3, files=files)
    (folder / NAME).write_bytes(written(manifest))
    return manifest


def _names(database: Path, statement: str) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [name for (name,) in connection.execute(statement)]


def _link_named(archive: Path, folder: Path) -> None:
    """Link what the copied rows name, and drop what only the rows of before did."""
    named = set(_names(folder / DATABASE, _FOLDERS))
    _link_batches(archive, named, folder)
    kept = folder / "archive"
    for path in kept.rglob(SEGMENT):
        if path.parent.relative_to(kept).as_posix() not in named:
            shutil.rmtree(path.parent)
    for path in archive.glob("exports/**/*"):
        _link(path, kept / path.relative_to(archive))
    missing = [name for name in _names(folder / DATABASE, _NEEDED) if not (kept / name / SEGMENT).exists()]
    if missing:
        raise Trouble(
            f"{len(missing):,} segments are not in the archive, such as {missing[0]}; 'crawlbeat doctor "
            "--all' says more. A backup that lacks them was not kept."
        )


def _link_batches(archive: Path, names: Iterable[str], folder: Path) -> None:
    for name in names:
        for path in (archive / name).glob("*"):
            if not path.name.startswith(_SHORTCUT):
                _link(path, folder / "archive" / name / path.name)


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it to another file system. One that is gone meanwhile is not needed any more."""
    if target.exists() or source.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        return
    except OSError:
        shutil.copy2(source, target)


def _pack(folder: Path, target: Path) -> None:
    """All files as a tar, the manifest first. It gets its name only when it is whole."""
    part = target.with_name(f".{target.name}.{os.getpid()}.tar")
    try:
        with tarfile.open(part, "w") as tar:
            for path in sorted(folder.rglob("*"), key=lambda path: (path.name != NAME, path)):
                tar.add(path, path.relative_to(folder).as_posix(), recursive=False)
        part.chmod(0o600)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
