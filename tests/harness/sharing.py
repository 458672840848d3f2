"""Sessions that share a folder's tests: each runs the next file's that no other has taken.

``crawlbeat test`` starts them at the same time, with a folder for their marks. So they end at about the same
time, however long each file takes. All collect the same tests; a mark is an empty file, made by the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest


class Sharing:
    """A plugin of pytest. The files of tests must lie in one folder: what it sets up is kept between them."""

    def __init__(self, marks: Path, items: Sequence[pytest.Item]) -> None:
        self._marks = marks
        self._block: dict[pytest.Item, str] = {}
        self._ours: dict[str, bool] = {}
        times = Counter[Path]()
        for path, tests in groupby(items, key=lambda item: item.path):
            times[path] += 1  # a file's tests may lie in several places: those with transactions are later
            self._block |= dict.fromkeys(tests, f"{path.stem}-{times[path]}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Leave out what another session runs: True means that no more is to be done."""
        block = self._block[item]
        if block not in self._ours:
            self._ours[block] = self._take(block)
        return None if self._ours[block] else True

    def _take(self, block: str) -> bool:
        try:
            (self._marks / block).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
