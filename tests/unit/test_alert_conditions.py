"""Which events meet which alerts, by tables."""

from __future__ import annotations

import pytest

from catalog.models import Alert, Event
from pipelines.telling.alerts.conditions import KINDS, meets
from pipelines.telling.filters import EventFilter

Condition, Kind = Alert.Condition, Event.Kind
EUR, USD = "EUR", "USD"


def money(amount, currency=EUR) -> dict:
    return {"amount": amount, "currency": currency}


def change(before, after, difference=None, percent=None, **values) -> Event:
    given = {"seed_id": 7, "kind": Kind.FIELD_CHANGED, "collection": "products", "field": "price"}
    given |= {"before": before, "after": after, "difference": difference, "percent": percent}
    return Event(**given | values)


FALL = change(money(12.5), money(10), -2.5, -20.0)
RISE = change(10, 12, 2, 20.0)
FROM_ZERO = change(0, 5, 5, None)
WORDS = change("Sold out", "In  stock: 3")
OTHER_MONEY = change(money(20), money(5, USD))


def told(event: Event, condition: str, view: str = "", texts=("", ""), **values) -> bool:
    alert = Alert(condition=condition, **values)
    return meets(event, alert, EventFilter.of_query(view), lambda _: texts)


@pytest.mark.parametrize(
    ("event", "condition", "values", "is_told"),
    [
        (FALL, Condition.FIELD_CHANGED, {}, True),
        (FALL, Condition.FIELD_CHANGED, {"field": "price"}, True),
        (FALL, Condition.FIELD_CHANGED, {"field": "title"}, False),
        (FALL, Condition.FIELD_CHANGED, {"collection": "products"}, True),
        (FALL, Condition.FIELD_CHANGED, {"collection": "reviews"}, False),
        (FALL, Condition.FIELD_CHANGED, {"seed_id": 7}, True),
        (FALL, Condition.FIELD_CHANGED, {"seed_id": 8}, False),
        (FALL, Condition.RECORD_NEW, {}, False),
        (FALL, Condition.FIELD_DOWN, {}, True),
        (FALL, Condition.FIELD_UP, {}, False),
        (RISE, Condition.FIELD_UP, {}, True),
        (RISE, Condition.FIELD_DOWN, {}, False),
        (WORDS, Condition.FIELD_UP, {}, False),
        (WORDS, Condition.FIELD_CHANGED, {}, True),
        (WORDS, Condition.FIELD_CHANGED, {"least": 1}, False),
        (FALL, Condition.FIELD_DOWN, {"least": 2.5}, True),
        (FALL, Condition.FIELD_DOWN, {"least": 2.51}, False),
        (FALL, Condition.FIELD_DOWN, {"least": 20, "in_percent": True}, True),
        (FALL, Condition.FIELD_DOWN, {"least": 20.1, "in_percent": True}, False),
        (FALL, Condition.FIELD_CHANGED, {"least": 2}, True),
        (FROM_ZERO, Condition.FIELD_UP, {"least": 50, "in_percent": True}, True),
        (FROM_ZERO, Condition.FIELD_UP, {"least": 6}, False),
        (FALL, Condition.FIELD_BELOW, {"limit": 11}, True),
        (FALL, Condition.FIELD_BELOW, {"limit": 12.5}, True),  # the limit is on neither side
        (FALL, Condition.FIELD_BELOW, {"limit": 10}, False),
        (FALL, Condition.FIELD_BELOW, {"limit": 13}, False),
        (FALL, Condition.FIELD_ABOVE, {"limit": 11}, False),
        (RISE, Condition.FIELD_ABOVE, {"limit": 10}, True),
        (RISE, Condition.FIELD_ABOVE, {"limit": 12}, False),
        (change(True, False), Condition.FIELD_BELOW, {"limit": 1}, False),
        (change(None, money(5)), Condition.FIELD_BELOW, {"limit": 9}, False),
        (OTHER_MONEY, Condition.FIELD_BELOW, {"limit": 10}, False),
        (change(money(20), money(5, None)), Condition.FIELD_BELOW, {"limit": 10}, True),
        (WORDS, Condition.FIELD_MATCHES, {"text": "in stock"}, True),
        (WORDS, Condition.FIELD_MATCHES, {"text": "IN\n STOCK"}, True),
        (WORDS, Condition.FIELD_MATCHES, {"text": "sold"}, False),
        (change("In stock: 9", "In stock: 3"), Condition.FIELD_MATCHES, {"text": "in stock"}, False),
        (change(["a"], ["a", "b"]), Condition.FIELD_MATCHES, {"text": "a, b"}, True),
        (change(None, True), Condition.FIELD_MATCHES, {"text": "yes"}, True),
    ],
)
def test_a_changed_field_meets_what_its_alert_says(event, condition, values, is_told):
    assert told(event, condition, **values) is is_told


@pytest.mark.parametrize(
    ("condition", "texts", "is_told"),
    [
        (Condition.TEXT_APPEARS, ("We are closed.", "We are HIRING\nnow"), True),
        (Condition.TEXT_APPEARS, ("hiring", "hiring"), False),
        (Condition.TEXT_APPEARS, ("hiring", "closed"), False),
        (Condition.TEXT_VANISHES, ("hiring", "closed"), True),
        (Condition.TEXT_VANISHES, ("", "hiring"), False),
    ],
)
def test_a_text_of_a_page_turns_from_one_version_to_the_next(condition, texts, is_told):
    event = Event(seed_id=7, kind=Kind.PAGE_CHANGED)
    assert told(event, condition, texts=texts, text="hiring") is is_told


def test_the_texts_of_a_page_are_loaded_for_alerts_that_ask_for_them_only():
    def texts(_):
        raise AssertionError("nobody asked for the text")

    event = Event(seed_id=7, kind=Kind.PAGE_CHANGED)
    asking = Alert(condition=Condition.TEXT_APPEARS, text="x", seed_id=8)
    for alert in (Alert(condition=Condition.PAGE_CHANGED), asking):
        meets(event, alert, EventFilter(), texts)


def test_a_trouble_is_told_when_it_begins_and_when_it_ends():
    for condition in Condition:
        for kind in set(KINDS[condition]) & set(Event.OUTAGES):
            assert told(Event(seed_id=7, kind=kind), condition)
            assert told(Event(seed_id=7, kind=Kind.WELL_AGAIN, ends=kind), condition)
    blocked = Event(seed_id=7, kind=Kind.WELL_AGAIN, ends=Kind.HOST_BLOCKED)
    assert not told(blocked, Condition.RUN_FAILED)
    assert not told(blocked, Condition.FIELD_CHANGED)


def test_an_alert_on_a_kept_list_tells_what_comes_into_the_list():
    assert told(FALL, Condition.ANYTHING, "field=price&direction=down&percent=20")
    assert not told(FALL, Condition.ANYTHING, "field=price&percent=21")
    assert not told(FALL, Condition.FIELD_CHANGED, "collection=reviews")


def test_every_condition_is_about_some_kind_of_event_and_every_kind_is_in_some_condition():
    assert set(KINDS) == set(Condition)
    assert set().union(*KINDS.values()) == set(Kind) - {Kind.WELL_AGAIN}
