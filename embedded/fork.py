"""A child that runs a function of ours, forked from this process.

It shares this process's memory until one of them writes to it, and need not import again what is imported
here: it is ready in a tenth of the time. The class has what the supervisor needs of ``subprocess.Popen``.

Only for a process with a single thread and with no open connections, and only on Linux: libraries of macOS
do not survive a fork without an exec.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, cast

from embedded.datadir import ROOT
from scheduler.process.lifeline import die_with_parent

CAN_FORK = sys.platform == "linux"
NAME_BYTES = 15  # of a process's name, which Linux keeps
_PR_SET_NAME = 15  # prctl(2)


@dataclass(frozen=True)
class Order:
    """What a child is to do: its ``name`` for ps and top, its variables, and where its output is appended."""

    name: str
    main: Callable[[], object]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


class Fork:
    """A running child. Its exit status is that of ``sys.exit`` in its function, 0 if that returns."""

    def __init__(self, order: Order) -> None:
        reader, writer = os.pipe()
        self._process = multiprocessing.get_context("fork").Process(target=_run, args=(order, reader, writer))
        self._process.start()
        os.close(writer)
        os.read(reader, 1)  # until it has its log, and leads a session: signals go to the whole of it
        os.close(reader)
        self.pid = cast("int", self._process.pid)

    @property
    def returncode(self) -> int | None:
        """The exit status, or minus the number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same, under Popen's name."""
        return self.returncode


def _run(order: Order, reader: int, writer: int) -> None:
    """In the child: what an exec would have done, then its function."""
    os.setsid()  # Ctrl-C reaches only the parent, which stops its children in order
    die_with_parent()
    _write_to(order.log)
    os.close(reader)
    os.close(writer)
    _forget_handlers()
    _enter_our_folder()
    os.environ.update(order.environment)
    ctypes.CDLL(None).prctl(_PR_SET_NAME, order.name.encode()[:NAME_BYTES])
    order.main()


def _forget_handlers() -> None:
    """Give signals that have a handler their defaults; those that are ignored stay so."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)


def _enter_our_folder() -> None:
    here = str(Path.cwd())
    os.chdir(ROOT)
    if here in sys.path:
        sys.path.remove(here)  # Celery has put it first, and it is the user's


def _write_to(log: Path) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    for stream in (sys.__stdout__, sys.__stderr__):
        cast("TextIO", stream).reconfigure(line_buffering=True)  # type: ignore[attr-defined]
