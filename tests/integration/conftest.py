"""Fixtures of tests with a database: caches emptied with it, and builders of small frontiers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from djsite.browse import downloads
from pipelines.frontier.hosts import forget_ids
from pipelines.frontier.seen import SEEN
from scheduler.redis_server import forget_outage


@pytest.fixture(autouse=True)
def _no_stale_caches() -> Iterator[None]:
    """Ids repeat when tables are emptied: what a process remembers of them must go too."""
    SEEN.clear()
    forget_ids()
    forget_outage()
    yield
    SEEN.clear()
    forget_ids()


@pytest.fixture(autouse=True)
def _no_downloads_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts have the same numbers in each test."""
    monkeypatch.setattr(downloads, "_under_way", downloads.UnderWay())
