"""The clock of the one machine is two hours ahead for a while, then an hour behind: slots come in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Run, Seed
from djsite.desk.health import report
from scheduler.queues import QUEUE_NAMES
from tests.harness import environment, sabotage
from tests.harness.processes import Processes
from tests.harness.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(
        environment.database_kind() != "sqlite", reason="the step of a server's clock cannot be made here"
    ),
    pytest.mark.timeout(300),
]
SECOND = timedelta(seconds=1)
AHEAD, BEHIND = timedelta(hours=2), timedelta(hours=-1)


@pytest.fixture
def step(processes: Processes, tmp_path: Path):
    """The file with the seconds by which the clocks of all processes are wrong."""
    file = tmp_path / "step"
    clock = {sabotage.CLOCK: str(file)}
    processes.worker("all", ",".join(QUEUE_NAMES), "-P", "threads", "-c", "8", **clock)
    processes.beat(**clock)
    yield file
    connection.close()


def test_slots_come_in_their_time_after_the_clock_was_moved_back(step: Path) -> None:
    now = timezone.now().replace(microsecond=0)
    seed = Seed.objects.create(
        name="every second", start_urls="http://127.0.0.1:9/", interval_seconds=1, overlap="both",
        created_at=now - 3 * AHEAD, next_slot=now,
    )  # fmt: skip
    wait_until(lambda: _opened(seed, timedelta(0)), 60, what="slots are opened")
    step.write_text(str(AHEAD.total_seconds()))
    wait_until(lambda: _opened(seed, AHEAD), 60, what="slots are opened two hours ahead")
    step.write_text(str(BEHIND.total_seconds()))
    wait_until(lambda: _opened(seed, BEHIND), 60, what="slots are opened an hour behind")
    wait_until(lambda: _problems(BEHIND) <= {"seeds-failing"}, 150, what="nobody has a problem any more")
    slots = list(seed.runs.order_by("slot").values_list("slot", flat=True))
    assert len(slots) == len(set(slots))


def _opened(seed: Seed, step: timedelta) -> bool:
    """Whether three slots of the last moments were opened, by a clock that is wrong by ``step``."""
    now = timezone.now() + step
    states = [Run.State.OPEN, Run.State.FINISHED]
    return seed.runs.filter(slot__range=(now - 10 * SECOND, now), state__in=states).count() >= 3


def _problems(step: timedelta) -> set[str]:
    return {finding["code"] for finding in report(timezone.now() + step)["findings"]}
