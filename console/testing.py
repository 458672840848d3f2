"""``crawlbeat test``: the whole suite, part by part, on the databases that each part is about.

Most parts mostly wait: for processes to die, for leases to end, for schedules to come due. So some run at the
same time, each with its own servers and scratch folder, and print their output when they have ended. Folders
that take long are cut into several parts, which begin as others end: no core is idle while one part is left.
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
    """Some folders of tests and the database they run on."""

    name: str
    folders: tuple[str, ...]
    database: str


@dataclass(frozen=True)
class Result:
    """How a part went: pytest's exit status, time by the clock, CPU time of all its processes."""

    name: str
    status: int
    seconds: float
    cpu_seconds: float


AT_ONCE = 4  # parts; with more, two cores only make each of them wait for the others


def _thirds(name: str, folder: str, database: str) -> tuple[Part, ...]:
    """The tests that lie in a folder itself, as three parts: every third file."""
    files = [f"{folder}/{file.name}" for file in sorted((ROOT / folder).glob("test_*.py"))]
    return tuple(Part(f"{name}, {at + 1} of 3", tuple(files[at::3]), database) for at in range(3))


PARTS = (
    Part(
        "unit, fuzz, architecture, quality",
        ("tests/unit", "tests/fuzz", "tests/architecture", "tests/quality"),
        "sqlite",
    ),
    Part("acceptance, by fault", ("tests/acceptance/faults",), "sqlite"),
    *_thirds("acceptance, by command", "tests/acceptance", "sqlite"),
    Part("acceptance, by chance", ("tests/acceptance/chaos",), "sqlite"),
    *_thirds("integration on postgres", "tests/integration", "postgres"),
    *_thirds("integration on sqlite", "tests/integration", "sqlite"),
)  # those that take long begin early, but what tells most mistakes is first


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest once for each part and return an exit status: 0 when every part passed.

    Paths among the arguments select tests within their parts; everything else goes to pytest as it is.
    """
    paths = [item for item in arguments if not item.startswith("-") and (ROOT / _file(item)).exists()]
    options = [item for item in arguments if item not in paths]
    commands = {part: [*options, *selected] for part in PARTS if (selected := _within(part, paths))}
    return _report(list(_run_all(commands)))


def _run_all(commands: dict[Part, list[str]]) -> Iterator[Result]:
    """Run parts, some at the same time; the output of a single part is shown while it runs."""
    if len(commands) < 2:
        yield from (_run_aloud(part, arguments) for part, arguments in commands.items())
        return
    print(f"\n=== {AT_ONCE} at a time: {'; '.join(part.name for part in commands)}", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for future in as_completed([pool.submit(_run_quietly, *item) for item in commands.items()]):
            yield future.result()


def _run_aloud(part: Part, arguments: Sequence[str]) -> Result:
    print(f"\n=== {part.name}", flush=True)
    return _pytest(part, arguments)


def _run_quietly(part: Part, arguments: Sequence[str]) -> Result:
    """Run a part and print what it wrote once it has ended, so that parts do not mix."""
    with tempfile.TemporaryFile() as output:
        result = _pytest(part, arguments, output)
        output.seek(0)
        text = output.read().decode(errors="replace")
    print(f"\n=== {part.name}\n{text}", flush=True)
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


def _pytest(part: Part, arguments: Sequence[str], output: IO[bytes] | None = None) -> Result:
    environment = {**os.environ, "CRAWLBEAT_TEST_DATABASE": part.database}
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # the tests set it once their scratch settings are there
    quiet = None if output is None and sys.stdin is not None and sys.stdin.isatty() else subprocess.DEVNULL
    command = [sys.executable, "-m", "pytest", *arguments]
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
    return Result(part.name, process.returncode, time.monotonic() - began, used.ru_utime + used.ru_stime)


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
