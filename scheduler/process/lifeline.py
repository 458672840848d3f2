"""Ending with the parent: no process of ours outlives the process that started it, even after kill -9."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

VARIABLE = "CRAWLBEAT_DIE_WITH_PARENT"
KEEPER = "CRAWLBEAT_KEEPER"  # process id of the keeper, which started all our processes
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
    """:func:`die_with_parent`, when the environment says so (the embedded mode, not containers).

    A process loads for a second before it gets here, and may have lost its parent meanwhile: so it looks
    whether the keeper lives.
    """
    if os.environ.get(VARIABLE) != "1":
        return
    die_with_parent()
    keeper = os.environ.get(KEEPER)
    if keeper and not _lives(int(keeper)):
        os.kill(os.getpid(), signal.SIGKILL)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
