"""Which extractors there are, and the version of each. Files are read here, and never run."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

GROUP = "crawlbeat.extractors"  # of entry points
CODE_LENGTH = 12  # hex characters of a version
CHECK_SECONDS = 10.0
_NAME = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)
_COMPILE = """
import sys
try:
    compile(sys.stdin.buffer.read(), sys.argv[1], "exec", dont_inherit=True)
except SyntaxError as error:
    print(f"line {error.lineno}: {error.msg}")
except ValueError as error:
    print(error)
"""
_folder = Path("var/extractors").absolute()


def look_in(folder: Path) -> None:
    """Take the extractors of this folder from now on. It need not exist."""
    global _folder  # noqa: PLW0603 - said once a process, by its settings
    _folder = folder


def folder() -> Path:
    """Where the files are."""
    return _folder


def names() -> list[str]:
    """The names of all extractors, in order."""
    files = {path.stem for path in _folder.glob("*.py") if _NAME.fullmatch(path.stem) and path.is_file()}
    return sorted(files | set(entry_points(group=GROUP).names))


def file_of(name: str) -> Path | None:
    """The file of an extractor; None if it has none."""
    path = _folder / f"{name}.py"
    return path if _NAME.fullmatch(name) and path.is_file() else None


def code_of(name: str) -> str:
    """The version of an extractor: a digest of its file, or of its package's name and version.

    An empty string if there is no such extractor.
    """
    if (path := file_of(name)) is not None:
        try:
            return digest(path.read_bytes())
        except OSError:
            return ""
    for entry in entry_points(group=GROUP, name=name):
        package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""
        return digest(f"{entry.value} {package}".encode())
    return ""


def digest(source: bytes) -> str:
    """The version of the code in a file."""
    return hashlib.sha256(source).hexdigest()[:CODE_LENGTH]


def check(name: str) -> None:
    """ValueError, with a sentence for people, unless there is an extractor with this name, in Python."""
    if name not in (known := names()):
        shown = ", ".join(known) if known else f"there are none in {_folder}"
        raise ValueError(f"There is no extractor {name[:60]!r}. The extractors are: {shown}.")
    path = file_of(name)
    if path is not None and (mistake := _mistake(path)):
        raise ValueError(f"The extractor {name!r} is not valid Python. {path.name}, {mistake}.")


def _mistake(path: Path) -> str:
    """What is wrong with the syntax of a file; compiled in another process, for it may be made to hurt."""
    command = [sys.executable, "-I", "-S", "-c", _COMPILE, path.name]
    try:
        done = subprocess.run(
            command, input=path.read_bytes(), capture_output=True, timeout=CHECK_SECONDS, check=True
        )
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return "it cannot be compiled"
    return done.stdout.decode(errors="replace").strip()
