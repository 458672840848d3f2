"""The data folder of the embedded mode: who uses it, its secret key, and where things lie in it.

One process keeps the folder (``up``, or a ``crawl`` when no other does) and holds a lock on it, which the
kernel frees when that process ends in any way. ``up.json`` says which process it is and what it runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from embedded.errors import Trouble, UsageError

ROOT = Path(__file__).resolve().parent.parent
SOCKET_BYTES = 103  # sun_path holds 108 bytes on Linux and 104 on macOS, the last one zero
LOCK_TRIES = 6
OURS = ("crawlbeat.sqlite3", "secret_key", "keeper.lock", "archive", "logs", "static", "extractors")


class DataFolder:
    """The paths below a data folder, and the lock that makes a process its keeper."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.state_file = self.path / "up.json"
        self._lock_file = self.path / "keeper.lock"
        self._lock: IO[bytes] | None = None

    def prepare(self) -> None:
        """Make the folder (mode 0700) and the keys (0600); refuse a folder with other things in it."""
        try:
            self._make()
            _write_once(self.path / "secret_key", secrets.token_urlsafe(50))
            _write_once(self.path / "secrets_key", secrets.token_urlsafe(50))  # see catalog.sealing
        except OSError as error:
            raise UsageError(f"--data: {error.filename}: {error.strerror}") from error

    def _make(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"--data: {self.path} is not a folder")
        if self.path.is_dir() and any(self.path.iterdir()) and not self._is_ours():
            raise UsageError(f"--data: {self.path} holds other things; name a new or an empty folder")
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self.logs.mkdir(exist_ok=True)

    def _is_ours(self) -> bool:
        return any((self.path / name).exists() for name in OURS)

    def socket(self) -> Path:
        """Where Valkey listens: in the folder, or in a short private one if its path cannot be used."""
        inside = self.path / "valkey.sock"
        if len(os.fsencode(inside)) <= SOCKET_BYTES and re.fullmatch(r"[\w./-]+", str(inside), re.ASCII):
            return inside
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        short = Path(tempfile.gettempdir()) / f"crawlbeat-{os.getuid()}-{digest}"
        short.mkdir(mode=0o700, exist_ok=True)
        info = short.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid() or info.st_mode & 0o077:
            raise Trouble(f"{short} should be a folder of mode 0700 that only you can use; remove it")
        return short / "valkey.sock"

    def lock(self) -> bool:
        """Lock the folder and become its keeper; False when another process is."""
        for _ in range(LOCK_TRIES):
            self._lock = self._flock(fcntl.LOCK_EX)
            if self._lock is not None:
                os.register_at_fork(after_in_child=self._lock.close)  # or children would hold it too
                return True
            time.sleep(0.05)  # the other process may only have called keeper()
        return False

    def unlock(self) -> None:
        """Stop being the keeper."""
        if self._lock is not None:
            self.state_file.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def keeper(self) -> dict[str, Any] | None:
        """What the living keeper has written in ``up.json``; {} before that, None when there is no keeper."""
        if not self._lock_file.exists():
            return None
        free = None if self._lock is not None else self._flock(fcntl.LOCK_SH)
        if free is not None:
            free.close()
            return None
        try:
            state: dict[str, Any] = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state

    def _flock(self, kind: int) -> IO[bytes] | None:
        handle = self._lock_file.open("ab")
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return None
        return handle

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Replace ``up.json`` at once, so that a reader never sees half of it."""
        draft = self.state_file.with_suffix(".draft")
        draft.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.state_file)


def _write_once(path: Path, text: str) -> None:
    """Create a file of mode 0600, whole or not at all; leave an existing file alone."""
    if path.exists():
        return
    handle, draft = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key counts
    finally:
        Path(draft).unlink()
