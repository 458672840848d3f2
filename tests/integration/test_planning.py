"""Planning: a seed's next slot follows its schedule, whoever changes it and however."""

from __future__ import annotations

import pytest
import time_machine

from catalog.models import Seed
from scheduler.clock import ledger, planning
from tests.integration.due_seeds import CREATED, at, due_seed, reloaded, rows

pytestmark = pytest.mark.django_db


def test_a_new_seed_is_due_now():
    assert reloaded(due_seed()).next_slot == CREATED
    cron = due_seed(schedule="cron", cron="0 8 * * *", time_zone="Europe/Berlin")
    assert reloaded(cron).next_slot == CREATED


def test_a_slot_given_at_the_creation_stays():
    assert reloaded(due_seed(next_slot=at(500))).next_slot == at(500)


@pytest.mark.parametrize("values", [{"schedule": "manual"}, {"enabled": False}, {"deleted_at": CREATED}])
def test_a_seed_that_is_not_active_has_no_slot(values):
    assert reloaded(due_seed(**values)).next_slot is None


def test_saving_without_a_change_moves_nothing():
    seed = due_seed()
    ledger.answer_due(at(1))
    with time_machine.travel(at(50), tick=False):
        reloaded(seed).save()
    assert reloaded(seed).next_slot == at(60)


def test_a_changed_schedule_is_computed_anew():
    seed = due_seed()
    ledger.answer_due(at(1))
    seed = reloaded(seed)
    seed.interval_seconds = 3600
    with time_machine.travel(at(50), tick=False):
        seed.save()
    assert reloaded(seed).next_slot == seed.next_slot == at(3600)


def test_a_slot_that_has_come_due_outlives_a_change_of_the_schedule():
    seed = due_seed()
    ledger.answer_due(at(1))
    seed = reloaded(seed)
    seed.interval_seconds = 3600
    with time_machine.travel(at(70), tick=False):
        seed.save()
    assert reloaded(seed).next_slot == at(60)
    ledger.answer_due(at(70))
    assert [slot for slot, *_ in rows(seed)] == [0, 60]
    assert reloaded(seed).next_slot == at(3600)


@pytest.mark.parametrize("directly", [False, True])
def test_slots_that_came_due_before_the_schedule_was_switched_off_are_skipped(directly: bool):
    seed = due_seed()
    with time_machine.travel(at(130), tick=False):
        if directly:
            Seed.objects.update(enabled=False)
            assert planning.plan_all(at(130)) == 1
        else:
            seed.enabled = False
            seed.save()
    assert reloaded(seed).next_slot is None
    assert rows(seed) == [(slot, "skipped", "switched_off") for slot in (0, 60, 120)]


def test_disabling_takes_the_slot_away_and_enabling_goes_on_without_missed_ones():
    seed = due_seed(next_slot=at(60))
    with time_machine.travel(at(1), tick=False):
        seed.enabled = False
        seed.save()
    assert reloaded(seed).next_slot is None
    with time_machine.travel(at(1000), tick=False):
        seed.enabled = True
        seed.save()
    assert reloaded(seed).next_slot == at(1020)
    assert rows(seed) == []


def test_changes_without_signals_are_planned_by_the_reconcile():
    changed, idle, right = due_seed(), due_seed(), due_seed()
    Seed.objects.update(next_slot=at(60))
    Seed.objects.filter(pk=changed.pk).update(interval_seconds=300)
    Seed.objects.filter(pk=idle.pk).update(enabled=False)
    assert planning.plan_all(at(10)) == 2
    assert reloaded(changed).next_slot == at(300)
    assert reloaded(idle).next_slot is None
    assert reloaded(right).next_slot == at(60)
    assert planning.plan_all(at(20)) == 0


def test_a_schedule_that_cannot_be_read_stops_alone(caplog: pytest.LogCaptureFixture):
    bad = due_seed(schedule="cron", cron="what")
    good = due_seed()
    assert len(ledger.answer_due(at(1)).runs) == 2
    assert reloaded(bad).next_slot is None
    assert planning.plan_all(at(50)) == 0
    assert reloaded(good).next_slot == at(60)
    assert "A cron line has five parts" in caplog.text
