"""Faults inside the processes under test that no signal can make; asked for by variables, for tests only.

- ``SABOTAGE_POISON``: a parser that meets these bytes in a page is killed.
- ``SABOTAGE_INPUT``: some inputs are deadly, see :func:`_meet_inputs`.
- ``SABOTAGE_HOLD``: while this file exists, a parser that meets :data:`HELD` in a page stays there; it
  writes its process id into the file.
- ``SABOTAGE_CLOCK``: a file with a number: by so many seconds the process's clock is stepped, whenever the
  file changes. What is monotonic stays so.
- ``SABOTAGE_FULL``: while this file exists, the disk is full below its folder. For machines where a small
  file system of one's own cannot be mounted; see ``tests.harness.small_disk``.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

POISON, HOLD, CLOCK, FULL = "SABOTAGE_POISON", "SABOTAGE_HOLD", "SABOTAGE_CLOCK", "SABOTAGE_FULL"
INPUT = "SABOTAGE_INPUT"
HELD = b"holds-its-parser"


def install() -> None:
    """Do what the environment asks for."""
    if os.environ.get(INPUT):
        _meet_inputs()
    poison, hold = os.environ.get(POISON), os.environ.get(HOLD)
    if poison or hold:
        _meet(poison.encode() if poison else None, Path(hold) if hold else None)
    if os.environ.get(CLOCK):
        _step(Path(os.environ[CLOCK]))
    if os.environ.get(FULL):
        _fill(os.environ[FULL])


def _meet(poison: bytes | None, hold: Path | None) -> None:
    from crawler.reading import encoding  # every parse begins here

    real = encoding.decode

    def decode(body: bytes, content_type: str) -> tuple[str, str]:
        if poison and poison in body:
            os.kill(os.getpid(), signal.SIGKILL)
        if hold and HELD in body and hold.exists():
            hold.write_text(str(os.getpid()))
            while hold.exists():
                time.sleep(0.02)
        return real(body, content_type)

    encoding.decode = decode  # type: ignore[assignment]


def _meet_inputs() -> None:
    """A URL with ``/control-WAY`` is deadly for who opens its run, ``/fetch-WAY`` for who asks for it,
    ``/scope-WAY`` for who looks if it is in scope (stores a redirect to it, parses a page that links to it).
    """
    from crawler.requests import prepared
    from crawler.requests.dial import Origin
    from crawler.requests.exchange import FetchRequest
    from crawler.rules import scope
    from crawler.seeds import checks

    real_usable, real_covers, real_prepare = checks.usable, scope.ScopeRules.covers, prepared.prepare

    def prepare(request: FetchRequest) -> tuple[Origin, bytes]:
        _suffer("fetch", request.url)
        return real_prepare(request)

    def usable(what: str, lines: Iterable[str]) -> tuple[list[str], list[str]]:
        kept = list(lines)
        _suffer("control", " ".join(kept))
        return real_usable(what, kept)

    def covers(self: scope.ScopeRules, url: str) -> bool:
        _suffer("scope", url)
        return real_covers(self, url)

    prepared.prepare = prepare
    checks.usable = usable
    scope.ScopeRules.covers = covers  # type: ignore[method-assign]


def _suffer(stage: str, text: str) -> None:
    for name, way in WAYS.items():
        if f"/{stage}-{name}" in text:
            way()


def _stay() -> None:
    while True:
        time.sleep(0.01)


def _seize() -> None:
    """At the usual priority: what ends it counts CPU time, which it must get."""
    re.match("(a+)+$", "a" * 60 + "!")  # takes years, and holds the interpreter


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


WAYS: dict[str, Callable[[], None]] = {"stays": _stay, "seizes": _seize, "dies": _die}


def _step(file: Path) -> None:
    import time_machine

    def watch() -> None:
        stepped, traveller = 0.0, None
        while True:
            wanted = float(file.read_text() or 0) if file.exists() else 0.0
            if wanted != stepped:
                if traveller is not None:
                    traveller.stop()
                traveller = time_machine.travel(time.time() + wanted)
                traveller.start()
                stepped = wanted
            time.sleep(0.05)

    threading.Thread(target=watch, name="clock", daemon=True).start()


def _fill(flag: str) -> None:
    real, folder = os.fsync, os.path.dirname(flag)

    def fsync(file: int) -> None:
        if os.path.exists(flag) and os.readlink(f"/proc/self/fd/{file}").startswith(folder):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    os.fsync = fsync  # type: ignore[assignment]
