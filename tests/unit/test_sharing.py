"""Sessions that share tests run each of them once, whatever each of them is asked for first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.harness.sharing import Sharing

ORDER = ["a", "a", "b", "c", "a", "b"]  # of files; those with transactions come again


class Item:
    """What of a test matters here."""

    def __init__(self, name: str) -> None:
        self.path = Path(f"/tests/test_{name}.py")


def items() -> list[Any]:
    return [Item(name) for name in ORDER]


def taken(sharing: Sharing, tests: list[Any], *places: int) -> list[int]:
    return [place for place in places if sharing.pytest_runtest_protocol(tests[place]) is None]


def test_each_test_is_run_by_the_session_that_took_its_file_first(tmp_path: Path) -> None:
    first, second = items(), items()
    one, other = Sharing(tmp_path, first), Sharing(tmp_path, second)
    assert taken(one, first, 0) == [0]
    assert taken(other, second, 0, 1, 2, 3) == [2, 3]
    assert taken(one, first, 1, 2, 3, 4, 5) == [1, 4, 5]
    assert taken(other, second, 4, 5) == []


def test_a_session_alone_runs_everything(tmp_path: Path) -> None:
    tests = items()
    assert taken(Sharing(tmp_path, tests), tests, *range(6)) == [0, 1, 2, 3, 4, 5]
