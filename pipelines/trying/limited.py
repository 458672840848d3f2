"""Running a module in a process of its own, with a time limit, without our settings; it may be killed.

Orders and answers are bytes over its standard input and output. The memory limit is set by the module itself.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SECONDS = 20.0  # for reading a page
_ROOT = Path(__file__).resolve().parents[2]


class Unread(Exception):
    """A page could not be read within the limits; the message says why, to follow "it could not be read"."""


def in_child(module: str, order: bytes) -> bytes:
    """What a module answers to an order. Raises :class:`Unread`."""
    environment = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}  # and nothing of ours: no address, no secret
    try:
        return subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=order,
            capture_output=True,
            env=environment,
            timeout=SECONDS,
            check=True,
        ).stdout
    except subprocess.TimeoutExpired as error:
        raise Unread(f" within {SECONDS:.0f} s") from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        why = "it took too much memory" if "MemoryError" in last else last[:300] or "its parser was killed"
        raise Unread(f": {why}") from error
