"""The numbers of a record over time, as its page draws them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.models import Event, Record
from djsite.browse.compare.charts import HEIGHT, StepChart
from djsite.desk.compare.fields import Span, absences_of, series_of
from tests.factories import NOW, log_in
from tests.integration.test_store_records import Shop, product, the

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
HOUR = timedelta(hours=1)


def money(amount: float | None, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def record_with(*values: dict[str, Any]) -> Record:
    """A record that had these values, from an hour after the beginning, hour by hour."""
    shop = Shop()
    for each in values:
        shop.pages(a=[product("1", **each)])
    return the("1")


def test_a_number_has_a_step_for_each_value_and_one_that_is_money_its_unit() -> None:
    record = record_with(
        {"stock": 5, "price": money(2.5), "name": "Tea", "size": 1},
        {"stock": 5, "price": money(3), "name": "Tea!", "size": 1},
        {"stock": 4.5, "price": money(3), "name": "Tea", "size": 1},
    )
    series = {each.name: each for each in series_of(record, [])}
    assert series.keys() == {"stock", "price"}  # no texts, and nothing that was always the same
    steps = [(step.begin - NOW, step.end and step.end - NOW, step.number) for step in series["stock"].steps]
    assert steps == [(HOUR, 3 * HOUR, 5.0), (3 * HOUR, None, 4.5)]
    assert (series["price"].unit, series["price"].lowest.number, series["price"].last.number) == (
        "EUR",
        2.5,
        3,
    )


@pytest.mark.parametrize("values", [[money(1), money(2, "USD")], [1, "two"], [True, False], [1, None]])
def test_what_is_not_one_kind_of_number_is_no_chart(values: list[Any]) -> None:
    assert series_of(record_with(*({"price": value} for value in values)), []) == []


def test_a_value_that_is_held_and_a_record_that_is_gone_leave_a_gap() -> None:
    record = record_with({"price": 1}, {"price": 2}, {"price": 3})
    at = NOW + HOUR
    for hours, kind in ((0.5, Event.Kind.RECORD_GONE), (1.5, Event.Kind.RECORD_NEW)):
        Event.objects.create(seed=record.seed, record_id=record.pk, kind=kind, at=at + hours * HOUR)
    record.problems = {"price": {"held_since": (at + 5 * HOUR).isoformat()}}
    assert absences_of(record) == [Span(at + HOUR / 2, at + 1.5 * HOUR)]
    (series,) = series_of(record, absences_of(record))
    spans = [((step.begin - at) / HOUR, step.end and (step.end - at) / HOUR) for step in series.steps]
    assert spans == [(0, 0.5), (1.5, 2), (2, 5)]
    chart = StepChart(series, at + 10 * HOUR)
    assert chart.path == "M0 94 H50 M150 50 H200 V6 H500"
    assert all(0 <= y <= HEIGHT for y in (94, 50, 6))
    record.gone_at = at + 4 * HOUR
    assert absences_of(record)[-1] == Span(at + 4 * HOUR, None)


def test_the_page_has_a_chart_in_words_and_as_a_table(client: Client) -> None:
    record = record_with({"price": money(2.5)}, {"price": money(3)})
    log_in(client, "viewer")
    page = " ".join(client.get(f"/records/{record.pk}/").content.decode().split())
    assert '<svg viewBox="0 0 1000 100"' in page
    assert "2.50 EUR at first (2026-03-10 13:00 UTC), 3.00 EUR at last, 2 values in all" in page
    assert '<td class="num">2.50 €</td>' in page
