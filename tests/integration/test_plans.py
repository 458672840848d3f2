"""Every list is read by an index in its order: its cost does not grow with the table.

PostgreSQL is told to avoid sorts and scans, which it prefers for a few rows: a sort that is left in its plan
is one that no index spares.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from catalog.models import Event, Host, Page, Run, Snapshot, Visit
from catalog.models.reading import ReadingQuerySet
from djsite.desk.data.listing import part_of, read_list
from djsite.desk.events.listing import EventList
from djsite.desk.explain.explaining import explain
from djsite.desk.read.keyset import Slice, cut
from djsite.desk.read.pages import list_pages
from djsite.desk.read.runs import list_runs, visits_of
from pipelines.export import slices as reading
from pipelines.export.kinds import pages as exported
from pipelines.export.rows import rows_of
from pipelines.prune import rows as pruning
from pipelines.runs.recrawl_orders import Order
from tests.factories import NOW, Got, crawl, make_event, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SORTS = {"sqlite": "USE TEMP B-TREE FOR ORDER BY", "postgresql": " Sort  "}
AVOIDED = ("seqscan", "sort", "bitmapscan")


@pytest.fixture
def seed():
    seed = make_seed()
    crawl(seed, [Got(f"http://shop.example/{number}", fields={"name": "x"}) for number in range(30)])
    return seed


def plans_of(action: Callable[[], object]) -> list[str]:
    """The plans of the queries by which an action reads slices in an order."""
    statements: list[tuple[str, Any]] = []

    def watch(execute, sql, params, many, context):
        if sql.startswith("SELECT") and "ORDER BY" in sql and "LIMIT" in sql:
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        action()
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for method in AVOIDED:
                cursor.execute(f"SET LOCAL enable_{method} = off")
        plans = []
        for sql, params in statements:
            cursor.execute(f"{explain} {sql}", params)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return plans


def no_sort(action: Callable[[], object]) -> None:
    plans = plans_of(action)
    assert plans
    for plan in plans:
        lines = [line for line in plan.splitlines() if "Incremental" not in line]
        assert not any(SORTS[connection.vendor] in f" {line.lstrip(' ->')}  " for line in lines), plan


def steps_of(action: Callable[[], object]) -> int:
    """How much SQLite works for an action, in steps of its machine, to the nearest hundred."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 100
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, 100)
    try:
        action()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps


def walk(queryset: QuerySet[Any], order: str = "-id") -> None:
    """The first slice of a list and the next one."""
    part = cut(queryset, order=order, size=5)
    cut(queryset, part.following, order=order, size=5)


@pytest.mark.parametrize(
    "order", ["-last_changed_at", "last_changed_at", "-last_fetched_at", "last_fetched_at"]
)
@pytest.mark.parametrize("of_one_seed", [True, False])
def test_the_list_of_pages(seed, order, of_one_seed):
    no_sort(lambda: walk(list_pages(seed.pk if of_one_seed else None), order))


@pytest.mark.parametrize("values", [{}, {"state": "finished"}, {"seed": 1}])
def test_the_list_of_runs(seed, values):
    no_sort(lambda: walk(list_runs(**({"seed": seed.pk} if "seed" in values else values))))


@pytest.mark.parametrize("query", ["", "seed={}", "seed={}&since=24", "run=1", "run=1&seed={}"])
def test_the_list_of_what_changed(seed, query):
    for number in range(30):
        make_event(seed, run_id=1, kind=1 + number % 3)
    events = EventList.of_query(query.format(seed.pk))
    no_sort(lambda: events.part(NOW, events.part(NOW, size=5).following, size=5))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL uses the narrowest of several bounds")
def test_a_search_in_a_long_time_looks_no_further_than_its_bound(seed):
    old = make_event(seed, kind=1, at=NOW - timedelta(days=7))
    fields = {field.attname: getattr(old, field.attname) for field in Event._meta.concrete_fields}
    fields.pop("id")
    Event.objects.bulk_create(Event(**fields) for _ in range(2_000))

    def search(query: str) -> Slice[Event]:
        events = EventList.of_query(f"{query}&text=no-such-text")
        return cut(events.events(NOW), order=events.order, search=events.condition(), most=20)

    assert search("since=720").searched == 20
    assert steps_of(lambda: search("since=720")) < 2 * steps_of(lambda: search(""))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="it shows the plan of SQLite")
def test_the_page_of_an_address_is_found_by_its_fingerprint(seed):
    statements: list[tuple[str, Any]] = []

    def watch(execute, sql, params, many, context):
        if 'FROM "catalog_page"' in sql:
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        explain("http://shop.example/no-such-page", seed)
    assert statements
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            assert "seed_id=? AND fingerprint=?" in str(cursor.fetchall()[0]), sql


def test_the_lists_of_records_hosts_and_versions(seed):
    wanted, _ = read_list(f"seed={seed.pk}&collection=pages", NOW)
    no_sort(lambda: part_of(wanted, NOW, part_of(wanted, NOW, size=5).part.following, size=5))
    no_sort(lambda: walk(Host.objects.all(), "origin"))
    no_sort(lambda: walk(Snapshot.objects.filter(page=Page.objects.first())))


@pytest.mark.parametrize("outcome", ["stored", "failed"])
def test_the_visits_of_a_run(seed, outcome):
    no_sort(lambda: walk(visits_of(Run.objects.get(), outcome), "id"))


@pytest.mark.parametrize("of_run", [True, False])
@pytest.mark.parametrize("kind", ["pages", "records"])
def test_exports(seed, monkeypatch, kind, of_run):
    monkeypatch.setattr(reading, "SLICE", 7)
    monkeypatch.setattr(exported, "_latest_runs", lambda seed: [])  # of which few visits are sorted
    monkeypatch.setattr(ReadingQuerySet, "newest_first", lambda records: records)  # of one page
    rows = rows_of(kind, None if of_run else seed, Run.objects.get() if of_run else None)
    no_sort(lambda: list(rows))


@pytest.mark.parametrize("of_host", [True, False])
def test_recrawls(seed, of_host):
    order = Order(host_id=Host.objects.get().pk if of_host else None)
    pages = order.pages(seed.pk).filter(pk__gt=0).order_by("pk")
    no_sort(lambda: list(pages.values_list("pk", "url", "latest__final_url")[:10]))


def test_deletions(seed, monkeypatch):
    monkeypatch.setattr(pruning, "CHUNK", 7)
    no_sort(lambda: list(pruning._chunks(seed.pages.all())))
    no_sort(lambda: list(pruning._chunks(Visit.objects.filter(run=Run.objects.get()), "fingerprint")))
