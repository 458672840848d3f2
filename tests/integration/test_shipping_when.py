"""When outlets send: after runs, at times, by hand, held, tried again, one worker at a time."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.models import Outlet, Promise, Run, Seed, Shipment
from pipelines import shipping
from pipelines.prune import prune
from pipelines.shipping import making, sending
from pipelines.shipping.queue import AT_ONCE
from pipelines.telling.kinds.kind import Answer
from pipelines.telling.sending.tries import REFUSED_TRIES
from scheduler import sweeps, tasks
from scheduler.checks import outlets as checks
from scheduler.checks.findings import CheckOptions
from tests.factories import NOW, make_run
from tests.factories.outlets import Receiver, add_thing, make_outlet
from tests.integration.lamp_shop import receiver, seed, send, work

__all__ = ["receiver", "seed"]  # fixtures
pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=settings.WORK_LEASE_SECONDS + 1)
DAY = timedelta(days=1)
STATES = Shipment.State


def states(outlet: Outlet) -> list[tuple[int, str]]:
    return list(outlet.shipments.order_by("number").values_list("number", "state"))


def ended(seed: Seed, **values: Any) -> Run:
    """A run that has ended and was looked at."""
    values.setdefault("at", NOW + timedelta(minutes=seed.runs.count()))
    return make_run(seed, compared=True, **values)


def test_after_a_finished_run_one_is_ordered_and_a_lost_message_is_made_good(
    seed: Seed, receiver: Receiver
) -> None:
    outlet = make_outlet(seed, "memory")
    run = ended(seed)
    assert shipping.order_after_run(run.pk, NOW) == [outlet.pk]
    assert shipping.order_after_run(run.pk, NOW) == shipping.order_owed(NOW) == []
    work(NOW)
    newer = ended(seed)
    assert shipping.order_owed(NOW) == [outlet.pk]
    shipments = outlet.shipments.order_by("number").values_list("cause", "run")
    assert list(shipments) == [("run", run.pk), ("run", newer.pk)]


def test_a_run_calls_for_nothing_before_it_was_looked_at_if_it_is_old_or_asked_for_addresses(
    seed: Seed, receiver: Receiver
) -> None:
    make_outlet(seed, "memory", created_at=NOW)
    make_outlet(seed, "memory", after_runs=False)
    make_outlet(seed, "memory", enabled=False)
    make_run(seed, at=NOW + DAY)
    ended(seed, at=NOW - DAY)
    ended(seed, at=NOW + DAY, kind=Run.Kind.RECRAWL)
    assert shipping.order_owed(NOW) == []


def test_the_task_that_looks_at_an_ended_run_orders(seed: Seed, receiver: Receiver) -> None:
    outlet = make_outlet(seed, "memory", created_at=timezone.now() - DAY)
    run = make_run(seed, at=timezone.now())
    tasks.compare_run(run.pk)
    assert outlet.shipments.get().run == run


def test_what_came_due_while_nothing_ran_is_one_shipment(seed: Seed, receiver: Receiver) -> None:
    outlet = make_outlet(seed, "memory", cron="0 6 * * *", time_zone="Europe/Berlin")
    shipping.put_in_force(outlet, NOW - 3 * DAY)
    assert outlet.due_at is not None
    assert (outlet.due_at.hour, outlet.due_at.tzname()) == (5, "UTC")
    sweeps.ship(NOW)
    sweeps.ship(NOW)
    outlet.refresh_from_db()
    assert outlet.due_at > NOW
    assert list(outlet.shipments.values_list("cause", flat=True)) == ["time"]


def test_orders_that_wait_to_be_made_are_answered_by_one_shipment(seed: Seed, receiver: Receiver) -> None:
    outlet = make_outlet(seed, "memory")
    first = shipping.order(outlet, "time", NOW)
    run = ended(seed)
    shipping.order_after_run(run.pk, NOW)
    assert shipping.order(outlet, "hand", NOW) == first
    assert outlet.shipments.get().run == run
    assert shipping.order_owed(NOW) == []


def test_a_broken_promise_holds_and_a_kept_one_releases(seed: Seed, receiver: Receiver) -> None:
    add_thing(seed, "lamp", price=1)
    outlet, careless = make_outlet(seed, "memory"), make_outlet(seed, "memory", obeys_promises=False)
    promise = Promise.objects.create(
        seed=seed, broken_since=NOW, reasons=["Only 3 of at least 10."], deadline="06:00"
    )
    shipment = send(outlet)
    send(careless)
    assert (shipment.state, len(receiver.lots)) == (STATES.HELD, 1)
    assert "Only 3 of at least 10." in shipment.reason
    Promise.objects.filter(pk=promise.pk).update(broken_since=None)
    work(NOW)
    shipment.refresh_from_db()
    assert (shipment.state, shipment.reason, len(receiver.lots)) == (STATES.ARRIVED, "", 2)


def test_a_paused_outlet_sends_nothing_until_it_is_resumed(seed: Seed, receiver: Receiver) -> None:
    outlet = make_outlet(seed, "memory")
    shipping.pause(outlet)
    send(outlet)
    ended(seed)
    assert (receiver.lots, shipping.order_owed(NOW)) == ([], [])
    shipping.resume(outlet, NOW)
    work(NOW)
    assert len(receiver.lots) == 1


def test_the_next_shipment_waits_behind_one_that_fails_and_both_arrive_in_order(
    seed: Seed, receiver: Receiver
) -> None:
    outlet = make_outlet(seed, "memory")
    receiver.answers = [Answer(False, "The disk is full.")]
    send(outlet)
    assert (outlet.last_error, outlet.failing_since is not None) == ("The disk is full.", True)
    shipping.order(outlet, "time", NOW)
    assert shipping.work_to_do(NOW) == []
    work(NOW + DAY)
    outlet.refresh_from_db()
    assert [number for number, _, _ in receiver.lots] == [1, 2]
    assert (outlet.last_error, outlet.failing_since) == ("", None)


def test_what_is_refused_is_given_up_and_the_next_one_has_it(seed: Seed, receiver: Receiver) -> None:
    add_thing(seed, "lamp", price=1)
    outlet = make_outlet(seed, "memory", share="since")
    receiver.answers = [Answer(False, "No such table.", refused=True)] * REFUSED_TRIES
    shipment = send(outlet)
    for day in range(1, REFUSED_TRIES):
        work(NOW + day * DAY)
    shipment.refresh_from_db()
    assert (shipment.state, shipment.reason) == (STATES.GIVEN_UP, "No such table.")
    later = NOW + REFUSED_TRIES * DAY
    assert [each.code for each in checks.failing(CheckOptions(later))] == ["outlets-failing"]
    send(outlet, later)
    assert [(number, whole, len(lines)) for number, whole, lines in receiver.lots] == [(2, True, 1)]
    assert list(checks.failing(CheckOptions(later))) == []


def test_a_shipment_whose_worker_is_killed_each_time_is_given_up_in_the_end(
    seed: Seed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = make_outlet(seed, "memory")
    shipping.order(outlet, "hand", NOW)
    shipping.make_shipment(outlet.pk, NOW)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(receiver, "send", die)
    now = NOW
    for _ in range(12):
        with pytest.raises(KeyboardInterrupt):
            shipping.send_shipments(outlet.pk, now)
        now += DAY
        if outlet.shipments.get().attempts == 7:
            break
    shipping.send_shipments(outlet.pk, now)
    assert states(outlet) == [(1, STATES.GIVEN_UP)]


def test_one_worker_has_an_outlet_and_who_lost_it_stops_before_the_data_are_visible(
    seed: Seed, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = make_outlet(seed, "memory")
    shipping.order(outlet, "hand", NOW)
    shipping.make_shipment(outlet.pk, NOW)
    really = sending.lot_of

    def hang(shipment: Shipment, spot: Any, lease: Any) -> Any:
        """For longer than the lease: another worker sends meanwhile."""
        monkeypatch.setattr(sending, "lot_of", really)
        shipping.send_shipments(outlet.pk, NOW)
        assert receiver.lots == [], "the outlet is taken"
        shipping.send_shipments(outlet.pk, NOW + LEASE)
        lease._renewed -= 3600
        return really(shipment, spot, lease)

    monkeypatch.setattr(sending, "lot_of", hang)
    shipping.send_shipments(outlet.pk, NOW)
    assert len(receiver.lots) == 1
    assert states(outlet) == [(1, STATES.ARRIVED)]


def test_no_more_outlets_are_at_work_than_may_be(seed: Seed, receiver: Receiver) -> None:
    for _ in range(AT_ONCE + 2):
        shipping.order(make_outlet(seed, "memory"), "hand", NOW)
    assert len(shipping.work_to_do(NOW)) == AT_ONCE
    Outlet.objects.filter(pk=shipping.work_to_do(NOW)[0].outlet_id).update(lease_until=NOW + LEASE)
    assert len(shipping.work_to_do(NOW)) == AT_ONCE - 1


def test_what_waits_for_a_worker_is_told_when_it_is_late(seed: Seed, receiver: Receiver) -> None:
    outlet = make_outlet(seed, "memory")
    shipping.order(outlet, "hand", NOW)
    assert list(checks.waiting(CheckOptions(NOW))) == []
    late = CheckOptions(NOW + DAY)
    assert [(each.code, each.examples) for each in checks.waiting(late)] == [
        ("outlets-waiting", [outlet.name])
    ]


def test_a_file_that_is_lost_is_made_anew_under_another_number(
    seed: Seed, receiver: Receiver, archive: Any
) -> None:
    outlet = make_outlet(seed, "memory", share="since")
    shipping.order(outlet, "hand", NOW)
    shipping.make_shipment(outlet.pk, NOW)
    (archive / outlet.shipments.get().key).unlink()
    work(NOW)
    assert states(outlet) == [(1, STATES.GIVEN_UP), (2, STATES.ARRIVED)]


def test_everything_is_sent_again_on_demand(seed: Seed, receiver: Receiver) -> None:
    add_thing(seed, "lamp", price=1)
    outlet = make_outlet(seed, "memory", share="since")
    send(outlet)
    shipping.send_all_again(outlet, NOW)
    work(NOW)
    assert [whole for _, whole, _ in receiver.lots] == [True, True]


def test_a_secret_that_a_receiver_repeats_is_not_shown(seed: Seed, receiver: Receiver) -> None:
    outlet = make_outlet(seed, "memory", secret={"password": "open-sesame"})
    receiver.answers = [Answer(False, "open-sesame is wrong")]
    assert send(outlet).answer == "… is wrong"
    assert "open-sesame" not in Outlet.objects.values_list("secret", flat=True)[0]


def test_files_that_no_shipment_needs_are_pruned(seed: Seed, receiver: Receiver, archive: Any) -> None:
    outlet = make_outlet(seed, "memory")
    shipping.order(outlet, "hand", NOW)
    shipping.make_shipment(outlet.pk, NOW)
    waiting = outlet.shipments.get().key
    (archive / making.FOLDER / f"{outlet.pk}-1-0123456789abcdef.rows").write_bytes(b"of a worker that died")
    prune(timezone.now() + timedelta(hours=2))
    left = [f"{making.FOLDER}/{path.name}" for path in (archive / making.FOLDER).iterdir()]
    assert left == [waiting]
    work(NOW)
    assert list((archive / making.FOLDER).iterdir()) == []


def test_old_shipments_are_pruned_but_for_the_last_and_the_last_of_a_run(
    seed: Seed, receiver: Receiver
) -> None:
    outlet = make_outlet(seed, "memory")
    for cause in ("hand", "run", "hand", "hand"):
        run = ended(seed) if cause == "run" else None
        shipping.order(outlet, cause, NOW, run=run)
        work(NOW)
    prune(NOW + 40 * DAY)
    assert [number for number, _ in states(outlet)] == [2, 4]


def test_the_manifest_says_of_which_outlet_and_between_which_cursors(seed: Seed, receiver: Receiver) -> None:
    add_thing(seed, "lamp", price=1)
    outlet = make_outlet(seed, "memory", share="since")
    send(outlet)
    second = send(outlet)
    manifest = second.manifest
    assert (manifest["number"], manifest["share"], manifest["outlet"]["name"]) == (2, "since", outlet.name)
    assert (manifest["since"], manifest["until"]) == (second.since, second.until)
    assert json.dumps(manifest)
