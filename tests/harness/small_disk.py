"""A small disk that can be filled: a tmpfs that only one process tree sees, in a namespace of its own.

Works as root and as a plain user wherever user namespaces are allowed. Where they are not, ``sabotage`` makes
the archive's writes fail as on a full disk.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.harness import sabotage

_OWN = ["unshare", "--user", "--map-root-user", "--mount"]
_CHUNK = bytes(256 * 1024)


class SmallDisk:
    """The disk at ``folder``. ``kind`` says how it is made: tmpfs or sabotage."""

    def __init__(self, folder: Path, megabytes: int = 64) -> None:
        self.folder = folder
        self._megabytes = megabytes
        self._root: Path | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.kind = "tmpfs" if self._mounts() else "sabotage"

    def _mounts(self) -> bool:
        if shutil.which("unshare") is None or shutil.which("mount") is None:
            return False
        return subprocess.run(self._mounting(["true"]), capture_output=True).returncode == 0

    def _mounting(self, command: Sequence[str]) -> list[str]:
        mount = f'mount -t tmpfs -o size={self._megabytes}m tmpfs "$0" && exec "$@"'
        return [*_OWN, "sh", "-c", mount, str(self.folder), *command]

    def command(self, command: Sequence[str]) -> list[str]:
        """A command that has the disk, and so have its children. Its process id is the one it would have."""
        return self._mounting(command) if self.kind == "tmpfs" else list(command)

    @property
    def environment(self) -> dict[str, str]:
        """Variables for the command."""
        return {} if self.kind == "tmpfs" else {sabotage.FULL: str(self.folder / "full")}

    def seen_by(self, pid: int) -> None:
        """Tell the process that has the disk."""
        self._root = Path(f"/proc/{pid}/root{self.folder}")

    @property
    def inside(self) -> Path:
        """The disk as it can be reached from here, while its process lives."""
        return self._root if self._root is not None and self.kind == "tmpfs" else self.folder

    def fill(self) -> None:
        """Leave no byte free."""
        if self.kind == "sabotage":
            (self.folder / "full").touch()
            return
        try:
            with (self.inside / "full").open("ab", buffering=0) as file:
                while file.write(_CHUNK):
                    pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def free(self) -> None:
        """Make room again."""
        (self.inside / "full").unlink(missing_ok=True)

    def keep(self) -> None:
        """Copy what is on it to where it can be read after the process has ended."""
        if self.kind == "tmpfs":
            with contextlib.suppress(FileNotFoundError):
                shutil.copytree(self.inside, self.folder, dirs_exist_ok=True)
