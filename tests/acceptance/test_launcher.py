"""The launcher: finds a Python, makes the environment when it must, and says plainly what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import install
from tests.harness.environment import ROOT

TOOLS = ["sh", "dirname", "readlink", "cmp", "cat", "env", "uname"]


@pytest.fixture
def clone(tmp_path):
    """A clone with a lock file that wants nothing, and a ``console`` that shows how it was called."""
    clone = tmp_path / "a clone"
    for package in ("embedded", "console"):
        (clone / package).mkdir(parents=True)
        (clone / package / "__init__.py").touch()
    shutil.copy(ROOT / "crawlbeat", clone)
    shutil.copy(ROOT / "embedded" / "install.py", clone / "embedded")
    (clone / "console" / "__main__.py").write_text("import sys; print(sys.version_info[:2], sys.argv[1:])")
    for name in ("requirements.lock", "requirements-dev.lock"):
        (clone / name).write_text("# nothing\n")
    return clone


@pytest.fixture
def bare_path(tmp_path):
    """A PATH with the tools of a bare system and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool))
    return folder


def launch(command, *words, path=None, **extra):
    environment = {"PATH": str(path or os.environ["PATH"]), "HOME": "/nonexistent", **extra}
    return subprocess.run([command, *words], env=environment, capture_output=True, text=True, cwd="/")


def add_script(folder: Path, name: str, body: str) -> None:
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)


def add_python(folder: Path) -> None:
    """This Python, and a uv that has nothing to do."""
    add_script(folder, "python3.11", f'exec "{sys.executable}" "$@"')
    add_script(folder, "uv", 'echo "$@" >>"$0.called"')


def test_says_when_there_is_no_python(clone, bare_path):
    done = launch(clone / "crawlbeat", "status", path=bare_path)
    assert done.returncode == 1
    assert done.stderr.startswith("crawlbeat: Python 3.11, 3.12 or 3.13 is needed")


def test_an_older_python_does_not_do(clone, bare_path):
    add_script(bare_path, "python3", "exit 1")
    assert "is needed" in launch(clone / "crawlbeat", path=bare_path).stderr


def test_says_when_the_named_python_does_not_fit(clone, bare_path):
    done = launch(clone / "crawlbeat", path=bare_path, CRAWLBEAT_PYTHON="/no/python")
    assert done.returncode == 1
    assert "CRAWLBEAT_PYTHON=/no/python" in done.stderr


def test_says_when_pip_cannot_be_had(clone, monkeypatch, capsys):
    monkeypatch.setattr(install, "ROOT", clone)
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    assert install.main([str(clone / ".venv"), "requirements.lock"]) == 1
    told = capsys.readouterr().err
    assert "lacks the modules venv and ensurepip" in told
    assert "apt install python3." in told


def test_installs_once_and_again_when_the_lock_changes(clone, bare_path):
    add_python(bare_path)
    first = launch(clone / "crawlbeat", "status", "--json", path=bare_path)
    assert first.returncode == 0, first.stderr
    assert "Installing into" in first.stderr
    assert first.stdout == f"{sys.version_info[:2]} ['status', '--json']\n"
    assert launch(clone / "crawlbeat", path=bare_path).stderr == ""
    (clone / "requirements.lock").write_text("# something else\n")
    assert "Installing into" in launch(clone / "crawlbeat", path=bare_path).stderr
    assert launch(clone / "crawlbeat", path=bare_path).stderr == ""


def test_test_installs_the_tools_too(clone, bare_path):
    add_python(bare_path)
    launch(clone / "crawlbeat", path=bare_path)
    assert launch(clone / "crawlbeat", "test", "--help", path=bare_path).stderr == ""
    done = launch(clone / "crawlbeat", "test", path=bare_path)
    assert "Installing into" in done.stderr
    assert (clone / ".venv" / "requirements-dev.lock").exists()


def test_an_interrupted_install_begins_again(clone, bare_path):
    add_python(bare_path)
    launch(clone / "crawlbeat", path=bare_path)
    (clone / ".venv" / "installing").touch()
    (clone / ".venv" / "half").touch()
    done = launch(clone / "crawlbeat", path=bare_path)
    assert "Installing into" in done.stderr
    assert not (clone / ".venv" / "half").exists()


def test_a_failed_install_is_a_failure_and_tried_again(clone, bare_path):
    add_python(bare_path)
    (bare_path / "uv").unlink()
    (clone / "requirements.lock").write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    done = launch(clone / "crawlbeat", path=bare_path, PIP_NO_INDEX="1")
    assert done.returncode == 1
    assert "could not be installed" in done.stderr
    add_python(bare_path)
    assert launch(clone / "crawlbeat", path=bare_path).returncode == 0


def test_uv_installs_when_it_is_there(clone, bare_path):
    add_python(bare_path)
    assert launch(clone / "crawlbeat", path=bare_path).returncode == 0
    called = (bare_path / "uv.called").read_text()
    assert called.startswith("pip install")
    assert "--require-hashes" in called


def test_pip_installs_when_uv_fails(clone, bare_path):
    add_python(bare_path)
    add_script(bare_path, "uv", "exit 3")
    done = launch(clone / "crawlbeat", path=bare_path)
    assert done.returncode == 0, done.stderr
    assert "trying pip" in done.stderr
    assert (clone / ".venv" / "bin" / "pip").exists()


def test_two_at_once_are_safe(clone, bare_path):
    add_python(bare_path)
    environment = {"PATH": str(bare_path), "HOME": "/nonexistent"}
    both = [
        subprocess.Popen([clone / "crawlbeat", "status"], env=environment, stdout=-1, stderr=-1, text=True)
        for _ in range(2)
    ]
    told = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert all("['status']" in out for out, _ in told)
    assert sum("Installing into" in err for _, err in told) == 1


def test_works_through_links_and_from_the_path(clone, bare_path, tmp_path):
    add_python(bare_path)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "there").symlink_to(clone)
    (tmp_path / "links" / "direct").symlink_to("there/crawlbeat")
    (bare_path / "crawlbeat").symlink_to(tmp_path / "links" / "direct")
    assert launch(tmp_path / "links" / "direct", "up", path=bare_path).stdout.endswith("['up']\n")
    found = launch("sh", "-c", "crawlbeat crawl", path=bare_path)
    assert found.stdout.endswith("['crawl']\n")


def test_the_exit_status_is_the_programs(clone, bare_path):
    add_python(bare_path)
    (clone / "console" / "__main__.py").write_text("import sys; sys.exit(42)")
    assert launch(clone / "crawlbeat", path=bare_path).returncode == 42


@pytest.mark.parametrize("name", ["crawlbeat"])
def test_shells_and_shellcheck_agree_with_it(name):
    subprocess.run(["dash", "-n", ROOT / name], check=True)
    subprocess.run([Path(sys.executable).with_name("shellcheck"), ROOT / name], check=True)
