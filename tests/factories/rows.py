"""Plain rows: seeds, runs, hosts and batches. ``new_…`` are in no table, ``make_…`` are saved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from catalog.models import Batch, Host, Run, Seed, Visit
from crawler.lanes import lane_of, rank_of
from crawler.policy import Scope
from crawler.rules.urls import origin_of
from pipelines.handover import Fetched
from pipelines.runs import create_run, start_run
from pipelines.runs.rule_sets import give_rule_sets
from tests.fakeweb import FakeWeb

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
_numbers = count(1)


def new_seed(name: str = "", **values: Any) -> Seed:
    """A seed that is in order and due every hour, ten minutes after :data:`NOW` for the first time."""
    defaults: dict[str, Any] = {
        "name": name or f"Seed {next(_numbers)}",
        "start_urls": "http://shop.example/",
        "schedule": Seed.Schedule.INTERVAL,
        "interval_seconds": 3600,
        "next_slot": NOW + timedelta(minutes=10),
        "scope": Scope.HOST,
        "fields": [{"name": "name", "css": "h1"}, {"name": "price", "css": ".price::text"}],
    }
    if values.get("schedule") in (Seed.Schedule.MANUAL, Seed.Schedule.CRON):
        defaults |= {"interval_seconds": None}
    if values.get("schedule") == Seed.Schedule.MANUAL:
        defaults |= {"next_slot": None}
    return Seed(**(defaults | values))


def make_seed(name: str = "", **values: Any) -> Seed:
    """A seed as :func:`new_seed` has it, saved."""
    seed = new_seed(name, **values)
    seed.save(force_insert=True)
    return seed


def make_web_seed(web: FakeWeb, **values: Any) -> Seed:
    """A seed of the whole web of a test, run by hand only and without delay."""
    defaults = {
        "start_urls": f"{web.url}/",
        "schedule": Seed.Schedule.MANUAL,
        "next_slot": None,
        "delay": 0,
        "per_host": 8,
        "allow_networks": "127.0.0.0/8",
        "fields": [{"name": "title", "css": "h1::text"}],
    }
    return make_seed(**(defaults | values))


def make_run(seed: Seed, state: str = Run.State.FINISHED, *, at: datetime = NOW, **values: Any) -> Run:
    """A run in any state, without visits; finished ones took 90 seconds."""
    defaults = {
        "kind": Run.Kind.SCHEDULED,
        "slot": at,
        "state": state,
        "rank": rank_of(seed.lane, seed.priority),
        "policy_json": seed.policy().plain(),
        "roots": seed.start_urls.split(),
        "created_at": at,
        "started_at": None if state in (Run.State.DUE, Run.State.MISSED, Run.State.SKIPPED) else at,
        "finished_at": at + timedelta(seconds=90) if state == Run.State.FINISHED else None,
    }
    run = Run(seed=seed, **(defaults | values))
    if run.started_at:
        give_rule_sets([(run, seed.policy())], at)
    run.save()
    return run


def due_run(seed: Seed, kind: Run.Kind = Run.Kind.SCHEDULED, *, at: datetime = NOW) -> Run:
    """A run that the path itself made for the slot ``at``; nothing has opened it."""
    run = create_run(seed, kind, at, at)
    assert run is not None, "the slot has such a run already"
    return run


def open_run(seed: Seed, kind: Run.Kind = Run.Kind.SCHEDULED, *, at: datetime = NOW) -> Run:
    """A run that the path itself made and opened at ``at``: its start URLs are queued."""
    run = due_run(seed, kind, at=at)
    start_run(run, at)
    run.refresh_from_db()
    return run


def new_host(url: str, **values: Any) -> Host:
    """The host of a URL."""
    return Host(**({"origin": origin_of(url)} | values))


def make_host(url: str, **values: Any) -> Host:
    """The host row of a URL; the values are for a new row only."""
    return Host.objects.get_or_create(origin=origin_of(url), defaults=values)[0]


def new_batch(**values: Any) -> Batch:
    """A fetched batch of one visit, overdue since :data:`NOW`; its lane follows its rank."""
    defaults = {"folder": f"batch-{next(_numbers)}", "rank": 14, "visits_count": 1, "due_at": NOW}
    values = defaults | values
    return Batch(**({"lane": lane_of(values["rank"])} | values))


def make_batch(**values: Any) -> Batch:
    """A batch as :func:`new_batch` has it, saved."""
    batch = new_batch(**values)
    batch.save(force_insert=True)
    return batch


def new_fetched(visit: Visit | None = None, **values: Any) -> Fetched:
    """The answer 200 to a first try, at :data:`NOW`; of a visit, or of none that is in the table."""
    facts: dict[str, Any] = {"visit_id": 1, "run_id": 1, "url": "http://a.test/x", "depth": 0, "hops": 0}
    if visit is not None:
        facts = {"visit_id": visit.pk} | {
            name: getattr(visit, name) for name in ("run_id", "url", "depth", "hops")
        }
    facts |= {
        "attempts": visit.attempts + 1 if visit else 1,
        "status": 200,
        "reason": None,
        "transient": False,
    }
    facts |= {"location": None, "elapsed_ms": 5, "fetched_at": NOW.timestamp()}
    return Fetched(**(facts | values))
