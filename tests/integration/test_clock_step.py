"""One machine's clock jumps: a worker and beat live two hours ahead, then an hour behind.

On PostgreSQL only: times come from the database's clock there. With SQLite everything is one machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Run, Seed
from pipelines import runs
from scheduler import dispatch
from scheduler.queues import QUEUE_NAMES
from tests.fakeweb import FakeWeb, linked_site
from tests.harness import environment, sabotage
from tests.harness.processes import Processes
from tests.harness.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(environment.database_kind() == "sqlite", reason="SQLite is one machine's"),
    pytest.mark.timeout(300),
]
SECOND = timedelta(seconds=1)
QUEUES = ",".join(QUEUE_NAMES)
THREADS = ("-P", "threads", "-c", "8")


@pytest.fixture
def step(processes: Processes, tmp_path: Path) -> Iterator[Path]:
    """The file with the step; a worker with a good clock, a worker and beat with the stepped one."""
    file = tmp_path / "step"
    processes.worker("steady", QUEUES, *THREADS)
    processes.worker("stepped", QUEUES, *THREADS, **{sabotage.CLOCK: str(file)})
    processes.beat(**{sabotage.CLOCK: str(file)})
    yield file
    connection.close()


def test_a_clock_that_jumps_repeats_no_page_and_moves_no_slot(step: Path) -> None:
    first = timezone.now().replace(microsecond=0) + 2 * SECOND
    every = Seed.objects.create(
        name="every second", start_urls="http://127.0.0.1:9/", interval_seconds=1, overlap="both",
        catch_up="all", catch_up_limit=100, next_slot=first,
    )  # fmt: skip
    with FakeWeb(linked_site(pages=150), latency=0.02) as web:
        seed = Seed.objects.create(
            name="site", start_urls=f"{web.url}/", schedule="manual", delay=0.1, allow_networks="127.0.0.0/8"
        )
        run = runs.create_run(seed, Run.Kind.COMMAND, timezone.now(), timezone.now())
        assert run is not None
        dispatch.open_run(run)
        for seconds in (0, 7200, -3600):
            step.write_text(str(seconds))
            wait_until(lambda: _on_time(every), 30, what="slots are opened")
            goal = len(web.requests) + 10
            wait_until(
                lambda goal=goal: len(web.requests) > goal or _ended(run), 90, what="the crawl goes on"
            )
            wait_until(lambda: _on_time(every), 30, what=f"slots are opened in time with {seconds} s")
        wait_until(lambda: _ended(run), 90, what="the run ends")
        paths = [seen.path for seen in web.requests if seen.path != "/robots.txt"]
    assert len(paths) == len(set(paths))
    slots = list(every.runs.order_by("slot").values_list("slot", "created_at"))
    assert {later - slot for (slot, _), (later, _) in zip(slots, slots[1:], strict=False)} == {SECOND}
    assert min(made - slot for slot, made in slots) > -2 * SECOND  # nobody believed the clock


def _ended(run: Run) -> bool:
    return Run.objects.get(pk=run.pk).state == Run.State.FINISHED


def _on_time(seed: Seed) -> bool:
    """Whether the slot of a moment ago is there: within twice a tenth of the time of a reconcile."""
    slot = timezone.now().replace(microsecond=0) - 4 * SECOND
    return seed.runs.filter(slot=slot).exists()
