"""``crawlbeat test``: the whole suite, part by part, on the databases that each part is about.

Most parts mostly wait: for processes to die, for leases to end, for schedules to come due. So some run at the
same time, each with its own servers and scratch folder, and print their output when they have ended. Folders
that take long are shared by several sessions of pytest, each of which takes the next file when it has run one
(tests.harness.sharing): no core is idle while one session is left.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5  # pytest's exit status when nothing was selected


@dataclass(frozen=True)
class Part:
    """Some folders or files of tests, the database they run on, and how many sessions share them."""

    name: str
    folders: tuple[str, ...]
    database: str
    sessions: int = 1


@dataclass(frozen=True)
class Session:
    """One run of pytest; ``share`` is the folder for the marks of those that run the same tests, or empty."""

    name: str
    arguments: tuple[str, ...]
    database: str
    share: str = ""


@dataclass(frozen=True)
class Result:
    """How a session went: pytest's exit status, time by the clock, CPU time of all its processes."""

    name: str
    status: int
    seconds: float
    cpu_seconds: float


PATIENCE = 3  # how much longer a wait may take while other sessions want the cores (tests.harness.waiting)
AT_ONCE = 6  # sessions; they use a third of their time, so that two cores are busy and none waits for long


def _files(folder: str) -> tuple[str, ...]:
    """Those that lie in a folder itself."""
    return tuple(f"{folder}/{file.name}" for file in sorted((ROOT / folder).glob("test_*.py")))


PARTS = (
    Part(
        "unit, fuzz, architecture, quality",
        ("tests/unit", "tests/fuzz", "tests/architecture", "tests/quality"),
        "sqlite",
    ),
    Part("acceptance, by command", _files("tests/acceptance"), "sqlite", sessions=3),
    Part("acceptance, by fault", ("tests/acceptance/faults",), "sqlite"),
    Part("acceptance, by chance", ("tests/acceptance/chaos",), "sqlite"),
    Part("integration on postgres", _files("tests/integration"), "postgres", sessions=3),
    Part("integration on sqlite", _files("tests/integration"), "sqlite", sessions=3),
)  # what tells most mistakes is first, then what takes long in one piece; what is cut finest is last


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest for each part and return an exit status: 0 when every session passed.

    Paths among the arguments select tests within their parts; everything else goes to pytest as it is.
    """
    paths = [item for item in arguments if not item.startswith("-") and (ROOT / _file(item)).exists()]
    options = [item for item in arguments if item not in paths]
    with tempfile.TemporaryDirectory(prefix="crawlbeat-share-") as folder:
        sessions: list[Session] = []
        for part in PARTS:
            if selected := _within(part, paths):
                shares = min(part.sessions, len(selected))
                sessions += _sessions(part, (*options, *selected), shares, Path(folder))
        return _report(list(_run_all(sessions)))


def _sessions(part: Part, arguments: tuple[str, ...], shares: int, folder: Path) -> Iterator[Session]:
    if shares == 1:
        yield Session(part.name, arguments, part.database)
        return
    marks = folder / part.name.replace(" ", "-")
    marks.mkdir()
    for number in range(1, shares + 1):
        yield Session(f"{part.name}, {number} of {shares}", arguments, part.database, str(marks))


def _run_all(sessions: Sequence[Session]) -> Iterator[Result]:
    """Run sessions, some at the same time; the output of a single one is shown while it runs."""
    if len(sessions) < 2:
        yield from map(_run_aloud, sessions)
        return
    print(f"\n=== {AT_ONCE} at a time: {'; '.join(session.name for session in sessions)}", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for future in as_completed([pool.submit(_run_quietly, session) for session in sessions]):
            yield future.result()


def _run_aloud(session: Session) -> Result:
    print(f"\n=== {session.name}", flush=True)
    return _pytest(session)


def _run_quietly(session: Session) -> Result:
    """Run a session and print what it wrote once it has ended, so that sessions do not mix."""
    with tempfile.TemporaryFile() as output:
        result = _pytest(session, output)
        output.seek(0)
        text = output.read().decode(errors="replace")
    print(f"\n=== {session.name}\n{text}", flush=True)
    return result


def _file(argument: str) -> str:
    return argument.partition("::")[0]


def _within(part: Part, paths: Sequence[str]) -> list[str]:
    """The part's folders, or those of the paths that are in them, if there are paths."""
    selected = []
    for folder in part.folders:
        here = ROOT / folder
        if not paths:
            selected += [folder] if here.exists() else []
        for path in paths:
            selection = (ROOT / _file(path)).resolve()
            if selection.is_relative_to(here):
                selected.append(path)
            elif here.is_relative_to(selection):
                selected.append(folder)
    return selected


def _pytest(session: Session, output: IO[bytes] | None = None) -> Result:
    environment = {
        **os.environ,
        "CRAWLBEAT_TEST_DATABASE": session.database,
        "CRAWLBEAT_TEST_SHARE": session.share,
    }
    if output:
        environment.setdefault("CRAWLBEAT_TEST_PATIENCE", str(PATIENCE))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # pytest keeps what it makes of the tests
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # the tests set it once their scratch settings are there
    quiet = None if output is None and sys.stdin is not None and sys.stdin.isatty() else subprocess.DEVNULL
    command = [sys.executable, "-m", "pytest", *session.arguments]
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=quiet,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )
    _, status, used = os.wait4(process.pid, 0)  # with the CPU time of every process it waited for
    process.returncode = os.waitstatus_to_exitcode(status)
    return Result(session.name, process.returncode, time.monotonic() - began, used.ru_utime + used.ru_stime)


def _report(results: Sequence[Result]) -> int:
    print("\n=== crawlbeat test")
    for item in results:
        word = {0: "passed", NO_TESTS: "nothing selected"}.get(item.status, f"FAILED ({item.status})")
        print(f"{item.name:<38} {word:<16} {item.seconds:6.1f} s, {item.cpu_seconds:6.1f} s of CPU")
    statuses = {item.status for item in results} - {NO_TESTS}
    if not statuses:
        print("no tests were selected")
        return NO_TESTS
    return max(statuses)
