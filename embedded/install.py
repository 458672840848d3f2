"""Makes the virtual environment from the lock files. Run by the launcher, with the standard library only.

``install.py VENV LOCK…``: with uv if it is installed, else with pip; both check the hashes. It may be
interrupted (the next call begins again) and run twice at once (the second waits).
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARK = "installing"  # in the virtual environment while packages are being written into it


def main(arguments: list[str]) -> int:
    """Bring the environment in step with the lock files; 0 when that worked."""
    folder = Path(arguments[0]).absolute()
    locks = [ROOT / name for name in arguments[1:]]
    with one_at_a_time():
        if usable(folder) and all(in_step(folder, lock) for lock in locks):
            return 0
        say(f"Installing into {folder} (once; about half a minute).")
        if not usable(folder):
            venv.EnvBuilder(clear=True, symlinks=True, with_pip=False).create(folder)
        (folder / MARK).touch()
        for lock in locks:
            if not in_step(folder, lock) and not install(folder, lock):
                return 1
        for lock in locks:
            shutil.copyfile(lock, folder / lock.name)
        (folder / MARK).unlink()
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the clone's install lock; the kernel frees it when this process ends in any way."""
    with (ROOT / "requirements.lock").open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another install is under way; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def usable(folder: Path) -> bool:
    """Whether it is complete and of the right Python: that of CRAWLBEAT_PYTHON, else any that we support."""
    if (folder / MARK).exists():
        return False
    python = folder / "bin" / "python"
    show = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-I", "-c", show], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    version = tuple(int(part) for part in answer.stdout.split())
    if os.environ.get("CRAWLBEAT_PYTHON"):
        return version == sys.version_info[:2]
    return (3, 11) <= version <= (3, 13)


def in_step(folder: Path, lock: Path) -> bool:
    """Whether the environment was made from this lock file."""
    copy = folder / lock.name
    return copy.exists() and copy.read_bytes() == lock.read_bytes()


def install(folder: Path, lock: Path) -> bool:
    """Install one lock file with uv, or with pip where uv is missing or fails."""
    python = str(folder / "bin" / "python")
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", python, "--compile-bytecode"]
        if run([*command, "--require-hashes", "-r", str(lock)]):
            return True
        say("uv could not install; trying pip.")
    if not run([python, "-I", "-c", "import pip"], quiet=True):
        if importlib.util.find_spec("ensurepip") is None:
            name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            say(f"{sys.executable} lacks the modules venv and ensurepip, which install pip.")
            say(f"On Debian and Ubuntu: apt install {name}. Or install uv, or set CRAWLBEAT_PYTHON.")
            return False
        if not run([python, "-I", "-m", "ensurepip", "--upgrade", "--default-pip"], quiet=True):
            say("ensurepip failed: this Python cannot install pip into a virtual environment.")
            return False
    command = [python, "-I", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    if run([*command, "--require-hashes", "-r", str(lock)]):
        return True
    say("The packages could not be installed; see above. The next call tries again.")
    return False


def run(command: list[str], *, quiet: bool = False) -> bool:
    """Whether a command succeeds; what it prints goes to stderr, or nowhere."""
    out = subprocess.DEVNULL if quiet else sys.stderr
    return subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL).returncode == 0


def say(message: str) -> None:
    print(f"crawlbeat: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
