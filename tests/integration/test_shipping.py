"""Outlets: data arrive once, in order, at their time, and changes never lie, whoever dies meanwhile."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from catalog.models import ChangeSet, Page, Record, Seed, Shipment
from pipelines import shipping
from pipelines.shipping import making, places, sending
from pipelines.shipping.lines import Lines
from tests.factories import NOW, Got, crawl
from tests.factories.outlets import RECEIVER, Receiver, add_thing, change_thing, lose_thing, make_outlet
from tests.integration.lamp_shop import receiver, seed, send, work

__all__ = ["receiver", "seed"]  # fixtures
pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=settings.WORK_LEASE_SECONDS + 1)
HAND = Shipment.Cause.HAND


def everything(outlet: Any) -> dict[str, Any]:
    """By key, what a receiver must have now: a full export."""
    rows = [row for part in Lines(outlet, NOW, keyed=True).whole() for row in part]
    return {json.dumps([row["collection"], row["key"]]): row["fields"] for row in rows}


def fields(receiver: Receiver) -> dict[str, Any]:
    return {key: row["fields"] for key, row in receiver.rows.items()}


# What a shipment holds ----------------------------------------------------------------------------------


def test_the_first_shipment_of_changes_has_everything_and_the_next_what_came_since(
    seed: Seed, receiver: Receiver
) -> None:
    lamp, desk = add_thing(seed, "lamp", price=10), add_thing(seed, "desk", price=90)
    outlet = make_outlet(seed, "memory", share="since")
    send(outlet)
    change_thing(lamp, price=12)
    lose_thing(desk)
    add_thing(seed, "chair", price=40)
    second = send(outlet)
    assert [(number, whole) for number, whole, _ in receiver.lots] == [(1, True), (2, False)]
    lines = [(line["change"], line["key"], line["fields"]) for line in receiver.lots[1][2]]
    assert lines == [
        ("changed", ["lamp"], {"price": 12}), ("gone", ["desk"], {}), ("new", ["chair"], {"price": 40})
    ]  # fmt: skip
    assert (second.rows, second.gone, second.state) == (3, 1, Shipment.State.ARRIVED)
    assert fields(receiver) == everything(outlet)


def test_what_no_longer_meets_the_filters_goes_out_as_gone(seed: Seed, receiver: Receiver) -> None:
    lamp = add_thing(seed, "lamp", price=10)
    add_thing(seed, "desk", price=90)
    outlet = make_outlet(seed, "memory", share="since", query="collection=lamps&price.lt=50")
    send(outlet)
    change_thing(lamp, price=51)
    send(outlet)
    assert [line["change"] for line in receiver.lots[1][2]] == ["gone"]
    assert receiver.rows == {}


def test_what_changes_while_everything_is_read_comes_with_the_next_changes(
    seed: Seed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cursor is taken before the first row is read."""
    lamp = add_thing(seed, "lamp", price=10)
    outlet = make_outlet(seed, "memory", share="since")
    whole = Lines.whole

    def read_slowly(self: Lines) -> Iterator[Any]:
        rows = list(whole(self))
        change_thing(lamp, price=11)
        yield from rows

    with monkeypatch.context() as patch:
        patch.setattr(Lines, "whole", read_slowly)
        send(outlet)
    send(outlet)
    assert fields(receiver) == everything(outlet)


def test_an_order_while_a_shipment_is_made_is_not_answered_by_that_one(
    seed: Seed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has been read, and what came since would wait for somebody's next order."""
    lamp = add_thing(seed, "lamp", price=10)
    outlet = make_outlet(seed, "memory", share="since")
    send(outlet)
    change_thing(lamp, price=11)
    changed = Lines.changed

    def read_and_order(self: Lines, reading: Any) -> Iterator[Any]:
        yield from changed(self, reading)
        change_thing(lamp, price=12)
        ordered.append(shipping.order(outlet, HAND, NOW).number)
        ordered.append(shipping.order(outlet, HAND, NOW).number)

    ordered = [shipping.order(outlet, HAND, NOW).number]
    with monkeypatch.context() as patch:
        patch.setattr(Lines, "changed", read_and_order)
        shipping.make_shipment(outlet.pk, NOW)
    work(NOW)
    assert fields(receiver) == everything(outlet)
    assert ordered == [2, 3, 3]


def test_a_cursor_of_another_database_is_answered_with_everything(seed: Seed, receiver: Receiver) -> None:
    add_thing(seed, "lamp", price=10)
    outlet = make_outlet(seed, "memory", share="since", cursor="999999")
    send(outlet)
    assert receiver.lots[0][1]


def test_a_changed_filter_makes_the_next_shipment_whole_and_drops_what_was_made(
    seed: Seed, receiver: Receiver
) -> None:
    lamp = add_thing(seed, "lamp", price=10)
    outlet = make_outlet(seed, "memory", share="since")
    send(outlet)
    change_thing(lamp, price=60)
    waiting = shipping.order(outlet, HAND, NOW)
    shipping.make_shipment(outlet.pk, NOW)
    outlet.query = "price.lt=50"
    shipping.put_in_force(outlet, NOW)
    waiting.refresh_from_db()
    assert waiting.state == Shipment.State.GIVEN_UP
    send(outlet)
    assert (receiver.lots[-1][:2], receiver.rows) == ((3, True), {})


def test_changes_refuse_filters_that_time_alone_would_answer_otherwise(seed: Seed) -> None:
    for query in ("changed_since=24h", "price.changed_since=7d", "text=lamp", "gone=yes", "view=versions"):
        outlet = make_outlet(seed, share="since", query=query)
        assert "query" in shipping.check_outlet(outlet, {}, NOW), query
    assert shipping.check_outlet(make_outlet(seed, share="since", query="price.lt=5"), {}, NOW) == {}


def test_changes_of_pages_have_what_a_new_version_has_and_say_which_are_gone(
    seed: Seed, receiver: Receiver
) -> None:
    base = "http://shop.example"

    def get(names: str, hour: int, title: str = "A page") -> None:
        got = [Got(f"{base}/{name}", title=title) for name in names]
        crawl(seed, got, at=NOW + timedelta(hours=hour))
        pages(names).update(changed_in=ChangeSet.objects.create())

    def pages(names: str) -> Any:
        return Page.objects.filter(url__in=[f"{base}/{name}" for name in names])

    get("abc", 1)
    outlet = make_outlet(seed, "memory", kind="pages", share="since")
    assert "share" not in shipping.check_outlet(outlet, {}, NOW)
    send(outlet)
    get("b", 2, "Another")
    get("d", 3)
    pages("c").update(gone_at=NOW, changed_in=ChangeSet.objects.create())
    pages("a").update(looks=9, last_fetched_at=NOW + timedelta(days=1))
    shipment = send(outlet)
    lines = {line["key"][0].removeprefix(f"{base}/"): line for line in receiver.lots[1][2]}
    told = {name: line["change"] for name, line in lines.items()}
    assert told == {"b": "changed", "c": "gone", "d": "changed"}
    assert (lines["b"]["title"], lines["b"]["versions"], lines["c"]["title"]) == ("Another", 2, None)
    assert (shipment.rows, shipment.gone) == (3, 1)
    whole = [row for part in Lines(outlet, NOW, keyed=True).whole() for row in part]
    applied = [{**line, "change": "new"} for line in receiver.rows.values()]
    assert sorted(applied, key=lambda line: line["url"]) == sorted(whole, key=lambda line: line["url"])
    columns = [column["name"] for column in shipment.manifest["columns"]]
    assert columns == list(whole[0]), "what a file has"


# Nothing lost, nothing doubled, no wrong deletions ------------------------------------------------------


class Killed(BaseException):
    """As by SIGKILL: nothing of ours catches it."""


class Killer:
    """Kills the worker at the step that comes so many steps later, before it or after it."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, dice: random.Random, meanwhile: Callable[[], None]
    ) -> None:
        self._dice, self._meanwhile = dice, meanwhile
        self.kills, self.left = 0, 0
        steps = [
            (making, "begun"), (making, "write_file"), (making, "_record"), (sending, "next_shipment"),
            (sending, "begin"), (sending, "read_part"), (RECEIVER, "send"), (sending, "end"),
            (sending, "delete_object"),
        ]  # fmt: skip
        for owner, name in steps:
            monkeypatch.setattr(owner, name, self._dangerous(getattr(owner, name)))

    def _dangerous(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def dangerous(*args: Any, **named: Any) -> Any:
            self._come_near()
            result = step(*args, **named)
            self._come_near()
            return result

        return dangerous

    def _come_near(self) -> None:
        if self._dice.random() < 0.1:
            self._meanwhile()
        self.left -= 1
        if self.left == 0:
            self.kills += 1
            raise Killed


def test_all_changes_applied_are_the_full_export_with_the_worker_killed_a_hundred_times(
    seed: Seed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(7)
    things: list[Record] = [add_thing(seed, f"lamp {number}", price=number) for number in range(12)]
    outlet = make_outlet(seed, "memory", share="since", query="price.lt=50")

    def history(count: int = 1) -> None:
        """New, changed, gone and back, all in one change set."""
        change = ChangeSet.objects.create()
        for thing in dice.choices(things, k=count):
            if dice.random() < 0.2:
                things.append(add_thing(seed, f"lamp {len(things)}", change, price=dice.randrange(100)))
            elif thing.gone_at is None and dice.random() < 0.4:
                lose_thing(thing, change)
            else:
                change_thing(thing, change, price=dice.randrange(100))

    killer = Killer(monkeypatch, dice, history)
    now = NOW
    while killer.kills < 100:
        history(dice.randrange(4))
        shipping.order(outlet, HAND, now)
        killer.left = dice.randrange(1, 18)
        try:
            work(now)
        except Killed:
            now += LEASE
    killer.left = 0
    now += timedelta(hours=2)
    work(now)
    shipping.order(outlet, HAND, now)
    monkeypatch.undo()
    monkeypatch.setitem(places.PLACES, "memory", "tests.factories.outlets:RECEIVER")
    work(now)
    assert fields(receiver) == everything(outlet), "nothing lost, nothing that is gone"
    assert set(Shipment.objects.values_list("state", flat=True)) == {Shipment.State.ARRIVED}
    sent: dict[int, Any] = {}
    for number, whole, lines in receiver.lots:
        assert sent.setdefault(number, (whole, lines)) == (whole, lines), "a double is the same"
    assert list(sent) == sorted(sent) == list(range(1, Shipment.objects.count() + 1)), (
        "in order, without gaps"
    )
    assert len(receiver.lots) > len(sent), "some were sent twice, or this tested nothing"
    assert [whole for whole, _ in sent.values()].count(True) == 1
