"""Everything that can die, hang or fill up does so during a crawl; nothing is lost and nothing is doubled.

The same driver runs as ``crawlbeat bench chaos``, as long as wanted and at full length of all times.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.chaos.bench import FEED_KILLS, Order, run_chaos
from benchmarks.chaos.faults import kinds
from tests.harness import environment

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: it holds unix sockets."""
    scratch = Path(tempfile.mkdtemp(prefix="cb-chaos-"))
    yield scratch
    shutil.rmtree(scratch, ignore_errors=True)


def test_nothing_is_lost_and_nothing_is_doubled_whatever_happens(folder: Path) -> None:
    database = environment.database_kind()
    order = Order(database, pages=300, scale=float(environment.TIME_SCALE), together=2)
    outcome = run_chaos(order, folder / "chaos")
    assert outcome.broken == []
    assert set(outcome.faults) == kinds(postgres=database == "postgres")
    assert outcome.runs.keys() == {"command", "recrawl", "scheduled"}
    assert outcome.pages > 1000
    assert min(outcome.feed_kills, outcome.records, outcome.earlier, outcome.gone) > 0
    assert outcome.feed_kills >= FEED_KILLS
    assert min(outcome.events, outcome.told, outcome.untaken) > 0
    assert outcome.shipments > 2
    assert outcome.shipped_gone > 0
