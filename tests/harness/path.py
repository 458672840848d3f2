"""The path without Celery: a session fetches, every batch is parsed and stored at once, hosts are woken."""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
from django.utils import timezone

from catalog.models import Batch, Host, Run, Seed, Snapshot, Visit
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from pipelines.fetch.plan import Plan, Summary
from pipelines.fetch.session import run_session
from pipelines.fetch.wakeups import WakeUp
from pipelines.frontier.hosts import forget_ids
from pipelines.frontier.seen import SEEN
from pipelines.parse import parse_batch
from pipelines.runs import reconcile_counters
from pipelines.store import store_batch
from tests.factories import open_run
from tests.harness.waiting import PATIENCE

Crawl = Callable[..., Run]  # takes the fields of a seed, and crawls it to its end


def crawl_seed(seed: Seed, valkey: redis.Redis, *, timeout: float = 60) -> Run:
    """Crawl a seed to its end, and check what must hold after every crawl."""
    SEEN.clear()  # ids repeat when tables are emptied
    forget_ids()
    return drive(open_run(seed, at=timezone.now()), valkey, timeout=timeout)


def drive(run: Run, valkey: redis.Redis, *, timeout: float = 60) -> Run:
    """Bring an open run to its end, and check what must hold after every run."""
    deadline = time.monotonic() + timeout * PATIENCE
    while not _ended(run) and time.monotonic() < deadline:
        _session(valkey)
    must_hold(run)
    return run


def _ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.state == Run.State.FINISHED


def _session(valkey: redis.Redis) -> Summary:
    def publish(batch: Batch) -> None:
        assert parse_batch(batch.pk, timezone.now())
        stored = store_batch(batch.pk, timezone.now())
        for lane, host_ids in stored.wake.items():
            WakeUp(lane, sorted(host_ids)).send(valkey)

    plan = Plan(
        Lane.NORMAL, "w1", publish=publish, stopping=lambda: False, seconds=20, announce=lambda due: None
    )
    return run_session(plan)


def must_hold(run: Run) -> None:
    """What is true of every finished run, whatever happened."""
    assert run.state == Run.State.FINISHED
    assert run.discovered == run.done == Visit.objects.filter(run=run).count()
    assert reconcile_counters(run) == {}
    assert run.discovered == sum(run.run_hosts.values_list("discovered", flat=True))
    assert not Host.objects.exclude(lease_token="").exists()
    assert not Batch.objects.exclude(state=Batch.State.STORED).exists()
    assert run.stored == Snapshot.objects.filter(run=run).count()


def outcomes(run: Run) -> dict[str, tuple[str, str | None]]:
    """Outcome and reason of every visit of a run, by URL."""
    return {
        visit.url: (Outcome(visit.outcome or 0).label, visit.reason)
        for visit in Visit.objects.filter(run=run)
    }


def links(*hrefs: str) -> str:
    """A page's markup that links to these."""
    return "".join(f'<a href="{href}">x</a>' for href in hrefs)
