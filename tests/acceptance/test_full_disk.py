"""The archive's disk is full while pages are fetched: monitors are told, and with room all goes on."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakeweb import FakeWeb, linked_site
from tests.harness.embedded import Embedded, address_of
from tests.harness.small_disk import SmallDisk
from tests.harness.waiting import wait_until

PAGES = 60


class OnSmallDisk(Embedded):
    """Its ``up`` has its archive on a small disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.disk = SmallDisk(self.data / "archive")
        self.environment |= self.disk.environment

    def command(self, *words: str) -> list[str]:
        command = super().command(*words)
        return self.disk.command(command) if words[0] == "up" else command


@pytest.fixture
def small(tmp_path: Path) -> Iterator[OnSmallDisk]:
    made = OnSmallDisk(tmp_path)
    yield made
    made.end()


def test_a_full_disk_is_a_problem_and_costs_no_page(small: OnSmallDisk) -> None:
    up = small.up()
    small.disk.seen_by(up.pid)
    health = f"{address_of(up)}health/"
    wait_until(lambda: _codes(health) == set(), 60, what="all is well")
    small.disk.fill()
    with FakeWeb(linked_site(pages=PAGES)) as web:
        options = ["--allow-network", "127.0.0.0/8", "--delay", "0", "--per-host", "4"]
        crawl = small.start("crawl", f"{web.url}/", *options, "-o", str(small.folder / "pages.jsonl"))
        expected = {"archive-failing"} | ({"archive-room"} if small.disk.kind == "tmpfs" else set())
        wait_until(lambda: expected <= _codes(health), 60, what="the monitor is told")
        assert _asked(health)["status"] == "degraded"
        small.disk.free()
        assert crawl.popen.wait(120) == 0, crawl.output()
    assert len((small.folder / "pages.jsonl").read_text().splitlines()) == PAGES
    wait_until(lambda: _codes(health) == set(), 60, what="all is well again")


def _asked(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=30) as answer:
        state: dict[str, Any] = json.load(answer)
    return state


def _codes(url: str) -> set[str]:
    return {finding["code"] for finding in _asked(url)["details"]["findings"]}
