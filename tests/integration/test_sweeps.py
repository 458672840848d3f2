"""The sweep: whatever hint was lost, the rows bring it back. Nothing consumes here: what is sent is seen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from catalog.models import Batch, Export, Host, Run, Seed, Visit
from crawler.lanes import Lane
from pipelines import runs
from scheduler import chains, opening, sweeps
from scheduler.queues import QUEUE_NAMES, depths
from tests.factories import NOW, due_run, make_batch, make_host, make_seed, open_run

MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(minutes=5)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


def waiting() -> dict[str, int]:
    return {queue: depth for queue, depth in depths(QUEUE_NAMES).items() if depth}


def test_a_due_run_whose_message_was_lost_is_opened():
    run = due_run(make_seed(schedule="manual"), Run.Kind.MANUAL)
    sweeps.sweep(NOW)
    run.refresh_from_db()
    assert run.state == Run.State.DUE  # its message may be on the way
    sweeps.sweep(LATER)
    run.refresh_from_db()
    assert run.state == Run.State.OPEN
    assert waiting() == {"fetch.urgent": 1}


def test_an_overdue_slot_is_opened():
    seed = make_seed(next_slot=NOW, created_at=NOW)
    sweeps.sweep(NOW - timedelta(seconds=1))
    assert not Run.objects.exists()
    sweeps.sweep(LATER)
    run = Run.objects.get()
    assert (run.slot, run.kind, run.state) == (NOW, Run.Kind.SCHEDULED, Run.State.OPEN)
    seed.refresh_from_db()
    assert seed.next_slot == NOW + timedelta(hours=1)
    sweeps.sweep(LATER)
    assert Run.objects.count() == 1


def test_a_run_that_waits_is_opened_when_the_earlier_one_has_ended():
    seed = make_seed(interval_seconds=60, next_slot=NOW, created_at=NOW, overlap="queue")
    opening.open_slots(NOW)
    soon = NOW + timedelta(seconds=61)
    sweeps.sweep(soon)
    first, second = seed.runs.order_by("slot")
    assert (first.state, second.state, second.reason) == ("open", "due", "waiting")
    sweeps.sweep(soon + timedelta(seconds=40))
    assert runs.stop_run(first, LATER)
    runs.settle_run(first.pk, LATER)
    sweeps.sweep(soon + timedelta(seconds=41))
    first, second = seed.runs.order_by("slot")
    assert (first.state, second.state, second.reason) == ("finished", "open", "waited")


def test_a_run_that_cannot_be_opened_stops_no_other(caplog):
    for number in range(3):
        make_seed(f"seed {number}", interval_seconds=60, next_slot=NOW, created_at=NOW)
    bad = Seed.objects.get(name="seed 1")
    Seed.objects.filter(pk=bad.pk).update(fields=[{"no": "name"}])  # no form writes this
    opening.open_slots(NOW)
    assert set(Run.objects.values_list("seed__name", "state")) == {
        ("seed 0", "open"), ("seed 1", "due"), ("seed 2", "open"),
    }  # fmt: skip
    assert "cannot be opened" in caplog.text


def test_overdue_batches_are_sent_again_where_nothing_waits():
    make_batch()
    make_batch(rank=20, state=Batch.State.PARSED)
    make_batch(state=Batch.State.STORED)
    make_batch(due_at=LATER + timedelta(seconds=1))
    sweeps.sweep(LATER)
    assert waiting() == {"parse.normal": 1, "store.bulk": 1}
    sweeps.sweep(LATER)
    assert waiting() == {"parse.normal": 1, "store.bulk": 1}


def test_overdue_batches_behind_a_queue_are_left_in_it():
    chains.publish(make_batch(due_at=LATER + timedelta(seconds=1)))
    slow = make_batch()
    sweeps.sweep(NOW + timedelta(seconds=1))
    assert waiting() == {"parse.normal": 1}
    slow.refresh_from_db()
    assert slow.due_at == NOW


def test_batches_that_better_lanes_keep_waiting_pass_them_a_few_at_a_time():
    for _ in range(5):
        chains.publish(make_batch(due_at=LATER + timedelta(seconds=1)))
        chains.publish(make_batch(rank=25))
    sweeps.sweep(LATER)
    assert waiting() == {"parse.urgent": 2, "parse.normal": 5, "parse.bulk": 5}
    assert Batch.objects.filter(lane=Lane.BULK, due_at=NOW).count() == 3
    sweeps.sweep(LATER + timedelta(seconds=1))
    assert waiting()["parse.urgent"] == 4


def test_hosts_that_wait_call_a_session_of_their_lane():
    make_host("http://waits.test/", due_at=NOW, rank=25)
    make_host("http://asked.test/", due_at=NOW, rank=3, lease_until=LATER, lease_token="t")
    sweeps.sweep(NOW)
    assert waiting() == {"fetch.bulk": 1}
    sweeps.sweep(LATER)  # that lease has ended
    assert waiting() == {"fetch.bulk": 1, "fetch.urgent": 1}


def test_leases_that_ended_long_ago_and_that_nobody_took_over_are_freed():
    ended = {"lease_owner": "gone@a", "lease_token": "t", "lease_until": NOW}
    make_host("http://idle.test/", **ended)
    sweeps.sweep(NOW)
    assert Host.objects.get().lease_owner
    sweeps.sweep(LATER)
    host = Host.objects.get()
    assert (host.lease_owner, host.lease_token, host.lease_until) == ("", "", NOW)


def test_messages_that_a_dead_worker_held_are_forgotten(valkey):
    for tag, at in (("of the dead", NOW), ("of the living", LATER)):
        valkey.hset("unacked", tag, "a message")
        valkey.zadd("unacked_index", {tag: at.timestamp()})
    sweeps.sweep(LATER)
    assert valkey.hkeys("unacked") == valkey.zrange("unacked_index", 0, -1) == ["of the living"]


def test_a_run_left_paused_half_way_is_settled_and_a_finished_one_closed():
    run = open_run(make_seed(schedule="manual"), Run.Kind.MANUAL)
    runs.stop_run(run, NOW)
    sweeps.sweep(NOW)
    sweeps.sweep(NOW)
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED
    assert run.visits.get().state == Visit.State.DONE


def test_a_resumed_run_calls_its_lane():
    run = open_run(make_seed(schedule="manual", lane=Lane.BULK))
    runs.pause_run(run)
    runs.settle_run(run.pk, NOW)
    runs.resume_run(run)
    sweeps.sweep(NOW)
    assert waiting() == {"fetch.bulk": 1}


@pytest.mark.django_db(transaction=True)
def test_an_export_that_nobody_makes_is_asked_for_again():
    lost = Export.objects.create(kind="pages", format="csv", created_at=NOW)
    Export.objects.create(kind="pages", format="csv", created_at=NOW, lease_until=LATER + MINUTE)
    Export.objects.create(kind="pages", format="csv", created_at=NOW, state=Export.State.DONE)
    sweeps.sweep(LATER)
    assert waiting() == {"control": 1}
    sweeps.sweep(LATER)
    assert waiting() == {"control": 1}
    Export.objects.filter(pk=lost.pk).update(lease_until=LATER)
    assert sweeps.exports_to_make(LATER) == [lost]
    Export.objects.filter(pk=lost.pk).update(lease_until=LATER + MINUTE)
    assert sweeps.exports_to_make(LATER) == []


def test_one_step_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch, caplog):
    def broken(now: datetime) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(sweeps, "STEPS", [broken, sweeps.publish_batches])
    make_batch()
    sweeps.sweep(LATER)
    assert waiting() == {"parse.normal": 1}
    assert "sweep: broken" in caplog.text
