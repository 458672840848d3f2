"""A backup comes back as it was, and what is damaged, foreign or in the way is refused with a sentence."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from embedded.backup.manifest import NAME
from embedded.backup.restoring import restore
from embedded.backup.taking import take
from embedded.datadir import DataFolder
from embedded.errors import Trouble, UsageError

STORED, LOST = "batches/2026/01/01/1", "batches/2026/01/01/2"
SEGMENT = "segment.warc.gz"


@pytest.fixture
def data(tmp_path) -> DataFolder:
    """A data folder with one stored batch, one that no row names, a key and a file of the site."""
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    with closing(sqlite3.connect(folder.path / "crawlbeat.sqlite3")) as database:
        database.execute("CREATE TABLE catalog_batch (folder TEXT, state TEXT, live_bytes INTEGER)")
        database.execute("INSERT INTO catalog_batch VALUES (?, 'stored', 4)", [STORED])
        database.commit()
    for name in (STORED, LOST):
        segment = folder.path / "archive" / name / SEGMENT
        segment.parent.mkdir(parents=True)
        segment.write_bytes(b"warc")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_what_was_taken_comes_back(data, tmp_path, name):
    take(data, data.path / "archive", tmp_path / name, "1.0")
    target = tmp_path / "new"
    restore(tmp_path / name, target)
    before, after = files(data.path), files(target)
    assert set(after) == {"crawlbeat.sqlite3", "secret_key", "secrets_key", f"archive/{STORED}/{SEGMENT}"}
    assert all(after[name] == before[name] for name in after if name != "crawlbeat.sqlite3")
    assert (target / "secrets_key").stat().st_mode & 0o777 == 0o600
    assert target.stat().st_mode & 0o777 == 0o700
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_backup_without_a_segment_that_is_needed_is_not_kept(data, tmp_path):
    (data.path / "archive" / STORED / SEGMENT).unlink()
    with pytest.raises(Trouble, match=r"1 segments are not in the archive, such as batches/2026/01/01/1"):
        take(data, data.path / "archive", tmp_path / "backup", "1.0")
    assert not (tmp_path / "backup").exists()


def test_nothing_that_is_there_is_written_over(data, tmp_path):
    with pytest.raises(UsageError, match="is there already"):
        take(data, None, data.path, "1.0")
    take(data, None, tmp_path / "backup", "1.0")
    with pytest.raises(UsageError, match="is not empty"):
        restore(tmp_path / "backup", data.path)


def test_a_damaged_backup_is_refused_before_anything_is_written(data, tmp_path):
    take(data, data.path / "archive", tmp_path / "backup", "1.0")
    (tmp_path / "backup" / "secret_key").write_text("another")
    with pytest.raises(Trouble, match="secret_key is missing or is not what was written"):
        restore(tmp_path / "backup", tmp_path / "new")
    (tmp_path / "backup" / "secret_key").unlink()
    with pytest.raises(Trouble, match="secret_key is missing"):
        restore(tmp_path / "backup", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_backup_names_no_file_outside_of_the_folder(data, tmp_path):
    take(data, None, tmp_path / "backup", "1.0")
    manifest = tmp_path / "backup" / NAME
    whole = json.loads(manifest.read_text())
    for name in ("../stolen", "/etc/passwd", "a/../../b"):
        named = whole["files"] | {name: {"bytes": 0, "sha256": ""}}
        manifest.write_text(json.dumps(whole | {"files": named}))
        with pytest.raises(UsageError, match="outside of the data folder"):
            restore(tmp_path / "backup", tmp_path / "new")


NEWER = '{"format": 9, "version": "2", "made_at": "", "archive": "", "files": {}}'


@pytest.mark.parametrize("text", ["", "{}", NEWER])
def test_what_is_no_backup_is_said(tmp_path, text):
    (tmp_path / NAME).write_text(text)
    with pytest.raises(UsageError, match="BACKUP: "):
        restore(tmp_path, tmp_path / "new")
    with pytest.raises(UsageError, match="is no backup"):
        restore(tmp_path / NAME, tmp_path / "new")
