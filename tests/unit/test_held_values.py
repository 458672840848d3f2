"""A value that a page shows no more is held with its receipt, and let go as the page shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.reading.record import Problem
from pipelines.store.record_row import RecordRow

NOW = datetime(2026, 3, 4, tzinfo=UTC)
FIELDS = ("name", "price")


def record(**problems: Any) -> RecordRow:
    values = {"name": "lamp", "price": 5}
    return RecordRow(
        1, "products", 7, ["lamp"], NOW, 1, [], 0, problems, NOW, values, snapshot_id=3, rule_set_id=2,
        last_changed_at=NOW,
    )  # fmt: skip


def test_a_lost_value_stays_with_its_time_and_receipt() -> None:
    values, problems = record().hold({"name": "desk", "price": None}, {}, FIELDS, NOW)
    assert values == {"name": "desk", "price": 5}
    assert problems == {"price": {"held_since": NOW.isoformat(), "snapshot": 3, "rule_set": 2}}


def test_held_again_it_keeps_them_and_says_what_is_wrong_now() -> None:
    before = {"held_since": "2026-01-02T00:00:00+00:00", "snapshot": 1, "rule_set": 1}
    row = record(price={**before, "reason": "old"})
    wrong = {"price": Problem("It is no number.", "dear")}
    _, problems = row.hold({"name": "lamp", "price": ""}, wrong, FIELDS, NOW + timedelta(days=1))
    assert problems["price"] == {**before, "reason": "It is no number.", "raw": "dear"}


def test_no_and_nought_are_values_and_what_rules_do_not_look_for_is_not_held() -> None:
    for shown in ({"name": "lamp", "price": 0}, {"name": "lamp", "price": False}, {"name": "lamp"}):
        looked_for = ("name",) if "price" not in shown else FIELDS
        assert record().hold(shown, {}, looked_for, NOW) == (shown, {})


def test_what_is_let_go_is_as_the_page_shows_it() -> None:
    mark = {"held_since": NOW.isoformat(), "snapshot": 1, "rule_set": 1}
    row = record(price={**mark, "reason": "It is no number.", "raw": "dear"}, name=mark)
    assert row.let_go({"name": None, "price": None}, {"price"}) == {"name": "lamp", "price": None}
    assert row.problems == {"price": {"reason": "It is no number.", "raw": "dear"}, "name": mark}
