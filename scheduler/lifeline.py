"""Dying with one's parent: no process of ours outlives the one that started it, not even after kill -9."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

VARIABLE = "CRAWLBEAT_DIE_WITH_PARENT"
_PR_SET_PDEATHSIG = 1  # prctl(2)
_POLL_SECONDS = 0.5


def die_with_parent() -> None:
    """Have this process killed when its parent ends.

    Linux does it itself (the signal follows the thread that forked us, so parents start children from
    their main thread); elsewhere a thread watches for a new parent.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the call
            os.kill(os.getpid(), signal.SIGKILL)
        return
    threading.Thread(target=_watch, args=[parent], name="lifeline", daemon=True).start()


def die_with_parent_if_asked() -> None:
    """:func:`die_with_parent`, when the environment says so (the embedded mode, not containers)."""
    if os.environ.get(VARIABLE) == "1":
        die_with_parent()


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
