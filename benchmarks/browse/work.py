"""Measures a full database from within: ``python -m benchmarks.browse.work RESULT.json REQUESTS PAGES``."""

from __future__ import annotations

import gc
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
from benchmarks.browse.filling import make_segments, make_telling
from benchmarks.browse.routes import Route, ask, routes
from benchmarks.browse.tables import Filler, make_owners
from benchmarks.kit.query_cost import Cost, measured
from catalog.clock import db_now
from catalog.models import Export, Page, Rereading, Seed, Token
from catalog.schema import bring_up_to_date
from djsite.desk.access import tokens
from pipelines.export import row_blocks, rows_of
from pipelines.prune import prune
from pipelines.prune.rows import UNDO

LONG = 1800.0  # seconds; no prune of a bench takes longer


def measure(requests: int, doomed: int) -> dict[str, Any]:
    """The cost of each route, exports, and the pages that prune deletes a second.

    An earlier state of the code may have filled the database.
    """
    bring_up_to_date()
    make_telling()
    return {
        "routes": _routes(requests),
        "first_bytes": {f"{kind} {form}": _first_byte(kind, form) for kind, form in _DOWNLOADS},
        "pruned": _prune(doomed),
    }


def _routes(requests: int) -> dict[str, list[Cost]]:
    """Each request by route; of several the first one is left out: it loads templates and code."""
    client = _client()
    Export.objects.get_or_create(kind="pages", format="csv", state=Export.State.DONE)
    seed = Seed.objects.order_by("pk")[0]
    Rereading.objects.get_or_create(
        seed=seed, rule_set=seed.rule_sets.latest("in_force_since"), state=Rereading.State.COMPARED
    )
    apps.get_model("django_celery_results", "TaskResult").objects.get_or_create(
        task_id="1", task_name="open_run"
    )
    asked = list(routes(every=requests > 0))
    gc.freeze()  # as djsite.asgi does
    costs = ((route.name, _costs(client, route, requests)) for route in asked)
    return {name: of_route for name, of_route in costs if of_route}


def _costs(client: Client, route: Route, requests: int) -> list[Cost]:
    first = _cost(client, route)
    if first is None:
        return []
    return [cost for _ in range(requests) if (cost := _cost(client, route))] or [first]


def _client() -> Client:
    """A browser of an administrator, with a token beside it for the calls of the API."""
    admin, _ = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    Token.objects.filter(owner=admin.pk).delete()
    secret = tokens.make(admin, "bench", Token.Role.OPERATOR, None).secret
    client = Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {secret}")
    client.force_login(admin)
    return client


def _cost(client: Client, route: Route) -> Cost | None:
    """None for a route that shows nothing."""
    cost, shown = measured(lambda: ask(client, route))
    return cost if shown else None


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


_DOWNLOADS = [(kind, form) for kind in ("pages", "records") for form in ("jsonl", "csv")]


def _first_byte(kind: str, form: str) -> float:
    """Seconds until a download of the largest seed has something to send."""
    seed = Seed.objects.order_by("pk")[0]
    return _seconds(lambda: next(row_blocks(rows_of(kind, seed), form)))


def _prune(count: int) -> float:
    """Pages a second of a seed that has been deleted, with their visits, versions, records and segments."""
    now = db_now()
    (owner,) = make_owners([f"deleted at {now}"], now)
    Filler([owner], now).write(count)
    make_segments()
    Seed.objects.filter(pk=owner.seed).update(deleted_at=now - 2 * UNDO)
    took = _seconds(lambda: prune(now, seconds=LONG))
    assert not Page.objects.filter(seed=owner.seed).exists(), "nothing was measured"
    return count / took


if __name__ == "__main__":
    figures = measure(int(sys.argv[2]), int(sys.argv[3]))
    Path(sys.argv[1]).write_text(json.dumps(figures))
