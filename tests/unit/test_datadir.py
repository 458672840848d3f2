"""The data folder: private, kept by one process at a time, with a socket path that a kernel takes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from embedded.datadir import SOCKET_BYTES, DataFolder
from embedded.errors import Trouble, UsageError


def mode(path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_folder_and_its_key_are_private(tmp_path):
    folder = DataFolder(tmp_path / "deep" / "data")
    folder.prepare()
    assert mode(folder.path) == 0o700
    assert mode(folder.path / "secret_key") == 0o600
    assert folder.logs.is_dir()


def test_the_key_is_made_once(tmp_path):
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    key = (folder.path / "secret_key").read_text()
    assert len(key) > 60
    folder.prepare()
    assert (folder.path / "secret_key").read_text() == key


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match="--data"):
        DataFolder(tmp_path).prepare()
    assert mode(tmp_path) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_open_folder_of_ours_is_closed(tmp_path):
    (tmp_path / "crawlbeat.sqlite3").touch()
    tmp_path.chmod(0o755)
    DataFolder(tmp_path).prepare()
    assert mode(tmp_path) == 0o700


def test_one_keeper_at_a_time(tmp_path):
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    assert first.lock()
    assert not second.lock()
    first.write_state({"pid": 1})
    assert second.keeper() == {"pid": 1}
    first.unlock()
    assert second.keeper() is None
    assert not first.state_file.exists()
    assert second.lock()
    second.unlock()


def test_a_keeper_that_is_killed_lets_go(tmp_path):
    program = (
        "import os, signal, sys; from pathlib import Path; from embedded.datadir import DataFolder;"
        "folder = DataFolder(Path(sys.argv[1])); folder.lock(); folder.write_state({'pid': os.getpid()});"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)])
    assert done.returncode == -9
    folder = DataFolder(tmp_path)
    assert folder.state_file.exists()
    assert folder.keeper() is None


def test_the_socket_lies_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = DataFolder(tmp_path)
    assert short.socket() == short.path / "valkey.sock"


@pytest.mark.parametrize("name", ["x" * 100, "with space", "with%20escape", "ünïcode"])
def test_a_path_that_does_not_suit_a_socket_gets_a_short_private_folder(tmp_path, name):
    folder = DataFolder(tmp_path / name)
    socket = folder.socket()
    try:
        assert len(os.fsencode(socket)) <= SOCKET_BYTES
        assert mode(socket.parent) == 0o700
        assert DataFolder(tmp_path / name).socket() == socket
        assert DataFolder(tmp_path / (name + "2")).path != folder.path
    finally:
        socket.parent.rmdir()


def test_a_short_folder_that_others_can_enter_is_refused(tmp_path):
    folder = DataFolder(tmp_path / ("x" * 100))
    private = folder.socket().parent
    try:
        private.chmod(0o755)
        with pytest.raises(Trouble, match="0700"):
            folder.socket()
    finally:
        private.rmdir()
