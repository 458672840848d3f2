"""``crawlbeat test``: the whole suite, part by part, on the databases that each part is about."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5  # pytest's exit status when nothing was selected


@dataclass(frozen=True)
class Part:
    """Some folders of tests and the database they run on."""

    folders: tuple[str, ...]
    database: str

    @property
    def name(self) -> str:
        return f"{', '.join(Path(folder).name for folder in self.folders)} on {self.database}"


@dataclass(frozen=True)
class Result:
    """How a part went: pytest's exit status, time by the clock, CPU time of all its processes."""

    name: str
    status: int
    seconds: float
    cpu_seconds: float


PARTS = (
    Part(("tests/unit", "tests/architecture", "tests/quality"), "sqlite"),
    Part(("tests/integration",), "sqlite"),
    Part(("tests/integration",), "postgres"),
    Part(("tests/acceptance",), "sqlite"),
)


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest once for each part and return an exit status: 0 when every part passed.

    Paths among the arguments select tests within their parts; everything else goes to pytest as it is.
    """
    paths = [item for item in arguments if not item.startswith("-") and (ROOT / _file(item)).exists()]
    options = [item for item in arguments if item not in paths]
    results: list[Result] = []
    for part in PARTS:
        selected = list(_within(part, paths))
        if not selected:
            continue
        print(f"\n=== {part.name}", flush=True)
        started, used = time.monotonic(), _cpu_seconds()
        status = _pytest([*options, *selected], part.database)
        results.append(Result(part.name, status, time.monotonic() - started, _cpu_seconds() - used))
        if status not in {0, NO_TESTS} and {"-x", "--exitfirst"} & set(options):
            break
    return _report(results)


def _file(argument: str) -> str:
    return argument.partition("::")[0]


def _within(part: Part, paths: Sequence[str]) -> Iterator[str]:
    """The part's folders, narrowed to the wanted paths if there are any."""
    for folder in part.folders:
        here = ROOT / folder
        if not paths:
            if here.exists():
                yield folder
            continue
        for path in paths:
            wanted = (ROOT / _file(path)).resolve()
            if wanted.is_relative_to(here):
                yield path
            elif here.is_relative_to(wanted):
                yield folder


def _pytest(arguments: Sequence[str], database: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    environment = {**os.environ, "CRAWLBEAT_TEST_DATABASE": database}
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # the tests set it once their scratch settings are there
    quiet = None if sys.stdin is not None and sys.stdin.isatty() else subprocess.DEVNULL
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=quiet).returncode


def _cpu_seconds() -> float:
    """CPU time of all children that have ended: about how long a part takes where nothing else runs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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
