"""Faults inside the processes under test that no signal can make; asked for by variables, for tests only.

- ``SABOTAGE_POISON``: a parser that meets these bytes in a page is killed.
- ``SABOTAGE_FULL``: while this file exists, the disk is full below its folder. For machines where a small
  file system of one's own cannot be mounted; see ``tests.harness.small_disk``.
"""

from __future__ import annotations

import errno
import os
import signal

POISON, FULL = "SABOTAGE_POISON", "SABOTAGE_FULL"


def install() -> None:
    """Do what the environment asks for."""
    if os.environ.get(POISON):
        _poison(os.environ[POISON].encode())
    if os.environ.get(FULL):
        _fill(os.environ[FULL])


def _poison(marker: bytes) -> None:
    from crawler import encoding  # every parse begins here

    real = encoding.decode

    def decode(body: bytes, content_type: str) -> tuple[str, str]:
        if marker in body:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(body, content_type)

    encoding.decode = decode  # type: ignore[assignment]


def _fill(flag: str) -> None:
    real, folder = os.fsync, os.path.dirname(flag)

    def fsync(file: int) -> None:
        if os.path.exists(flag) and os.readlink(f"/proc/self/fd/{file}").startswith(folder):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    os.fsync = fsync  # type: ignore[assignment]
