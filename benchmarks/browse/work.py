"""Measures a full database from within: ``python -m benchmarks.browse.work RESULT.json REQUESTS PAGES``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.browse.filling import make_segments
from benchmarks.browse.routes import Route, ask, routes
from benchmarks.browse.tables import Filler, make_owners
from catalog.clock import db_now
from catalog.models import Export, Rereading, Seed
from pipelines.export import blocks, rows_of
from pipelines.prune import prune

LONG = 1800.0  # seconds; no prune of a bench takes longer


def measure(requests: int, doomed: int) -> dict[str, Any]:
    """The milliseconds of each route, exports, and the pages that prune deletes a second."""
    return {
        "routes": _routes(requests),
        "first_bytes": {f"{kind} {form}": _first_byte(kind, form) for kind, form in _DOWNLOADS},
        "pruned": _prune(doomed),
    }


def _routes(requests: int) -> dict[str, list[float]]:
    """Milliseconds of each request by route, the first one left out: it loads templates and code."""
    client = Client()
    admin, _ = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    client.force_login(admin)
    Export.objects.get_or_create(kind="pages", format="csv", state=Export.State.DONE)
    seed = Seed.objects.order_by("pk")[0]
    Rereading.objects.get_or_create(
        seed=seed, rule_set=seed.rule_sets.latest("in_force_since"), state=Rereading.State.COMPARED
    )
    apps.get_model("django_celery_results", "TaskResult").objects.get_or_create(
        task_id="1", task_name="open_run"
    )
    return {
        route.name: [_milliseconds(client, route) for _ in range(requests)]
        for route in routes()
        if ask(client, route)
    }


def _milliseconds(client: Client, route: Route) -> float:
    return _seconds(lambda: ask(client, route)) * 1000


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


_DOWNLOADS = [(kind, form) for kind in ("pages", "records") for form in ("jsonl", "csv")]


def _first_byte(kind: str, form: str) -> float:
    """Seconds until a download of the largest seed has something to send."""
    seed = Seed.objects.order_by("pk")[0]
    return _seconds(lambda: next(filter(None, blocks(rows_of(kind, seed), form))))


def _prune(count: int) -> float:
    """Pages a second of a seed that has been deleted, with their visits, versions, records and segments."""
    now = db_now()
    (owner,) = make_owners([f"deleted at {now}"], now)
    Filler([owner], now).write(count)
    make_segments()
    Seed.objects.filter(pk=owner.seed).update(deleted_at=now)
    return count / _seconds(lambda: prune(now, seconds=LONG))


if __name__ == "__main__":
    figures = measure(int(sys.argv[2]), int(sys.argv[3]))
    Path(sys.argv[1]).write_text(json.dumps(figures))
