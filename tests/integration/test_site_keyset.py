"""Keyset pagination: every row once, in order, however the cursors look."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q

from catalog.models import Page, Run, Seed
from djsite.desk.read.keyset import cut
from tests import factories
from tests.factories import Got

pytestmark = pytest.mark.django_db


def walk(queryset, order: str, size: int = 7, search: Q | None = None) -> list[int]:
    found, cursor = [], ""
    for _ in range(100):
        part = cut(queryset, cursor, order=order, size=size, search=search)
        assert part.first is not bool(cursor)
        found += [row.pk for row in part.rows]
        cursor = part.following
        if not cursor:
            return found
    raise AssertionError("it never ends")


@pytest.fixture
def runs() -> None:
    seed = factories.make_seed()
    for number in range(40):
        at = factories.NOW + timedelta(minutes=number)
        factories.make_run(
            seed, at=at, created_at=factories.NOW + timedelta(minutes=number // 9)
        )  # with ties


@pytest.mark.parametrize("order", ["-id", "id", "-created_at", "created_at"])
def test_every_row_comes_once_and_in_order(runs, order: str):
    sign = "-" if order.startswith("-") else ""
    assert walk(Run.objects.all(), order) == list(
        Run.objects.order_by(order, f"{sign}pk").values_list("pk", flat=True)
    )


def test_text_is_a_key_too():
    for name in ("b~1", "a", "Ü", "b", "a~~2", "z'"):
        factories.make_seed(name)
    assert walk(Seed.objects.all(), "name", size=2) == list(
        Seed.objects.order_by("name").values_list("pk", flat=True)
    )


@pytest.mark.parametrize(
    "cursor", ["~", "x", "nonsense~1", "2026-13-01~1", "1~x", "~" * 50, "1~" + "9" * 40, "\0~1"]
)
def test_a_cursor_without_sense_means_the_start(runs, cursor: str):
    part = cut(Run.objects.all(), cursor, order="-created_at", size=5)
    assert part.first
    assert len(part.rows) == 5


@pytest.mark.parametrize("order", ["-id", "created_at", "-created_at"])
def test_a_search_goes_on_where_it_stopped_and_misses_nothing(runs, order: str, monkeypatch):
    monkeypatch.setattr("djsite.desk.read.keyset.SEARCHED", 6)
    wanted = Q(pk__in=[run.pk for run in Run.objects.order_by("pk")][::9])
    assert len(walk(Run.objects.all(), order, search=wanted, size=2)) == 5
    assert walk(Run.objects.all(), order, search=wanted, size=2) == walk(Run.objects.filter(wanted), order)
    first = cut(Run.objects.all(), order=order, search=Q(pk=0))
    assert (first.rows, first.searched, first.more) == ([], 6, True)


def test_an_empty_list_has_nothing_to_page_through():
    part = cut(Run.objects.all(), "")
    assert (part.rows, part.following, part.more) == ([], "", False)


@pytest.mark.parametrize("order", ["-last_changed_at", "-last_fetched_at"])
@pytest.mark.parametrize("of_one_seed", [True, False])
@pytest.mark.usefixtures("archive")
def test_deep_slices_of_pages_are_found_by_an_index(order: str, of_one_seed: bool):
    if connection.vendor != "sqlite":
        pytest.skip("the planner of PostgreSQL prefers a scan of so few rows")
    seed = factories.make_seed()
    factories.crawl(seed, [Got(f"http://shop.example/{number}") for number in range(30)])
    pages = Page.objects.filter(seed=seed) if of_one_seed else Page.objects.all()
    first = cut(pages, order=order, size=10)
    with connection.cursor() as cursor:
        plan = _plan(cursor, pages, order, first.following)
    assert "USING INDEX page_" in plan
    assert "SCAN catalog_page\n" not in plan


def _plan(cursor, pages, order: str, after: str) -> str:
    from djsite.desk.read.keyset import _condition

    field = order.lstrip("-")
    found = pages.filter(_condition(pages, field, "lt", after)).order_by(order, "-pk")[:11]
    return found.explain() + "\n"
