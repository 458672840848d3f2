"""The ledger: every slot accounted for, once, whatever the clock sends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from djsite.catalog.models import Run, Seed
from scheduler import ledger

CREATED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return CREATED + timedelta(seconds=seconds)


def make_seed(**values) -> Seed:
    given = {"name": "seed", "start_urls": "http://one.test/", "interval_seconds": 60, "created_at": CREATED}
    with time_machine.travel(CREATED, tick=False):
        return Seed.objects.create(**(given | values))


def reloaded(seed: Seed) -> Seed:
    return Seed.objects.get(pk=seed.pk)


def rows(seed: Seed) -> list[tuple[float, str, str]]:
    found = Run.objects.filter(seed=seed).order_by("slot")
    return [((run.slot - CREATED).total_seconds(), run.state, run.reason) for run in found]


def finish(run: Run | None) -> None:
    assert run is not None
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)


def test_a_new_seed_is_due_now():
    assert reloaded(make_seed()).next_slot == CREATED
    cron = make_seed(name="cron", schedule="cron", cron="0 8 * * *", time_zone="Europe/Berlin")
    assert reloaded(cron).next_slot == CREATED


def test_a_slot_given_at_the_creation_stays():
    assert reloaded(make_seed(next_slot=at(500))).next_slot == at(500)


@pytest.mark.parametrize("values", [{"schedule": "manual"}, {"enabled": False}, {"deleted_at": CREATED}])
def test_a_seed_that_is_not_active_has_no_slot(values):
    assert reloaded(make_seed(**values)).next_slot is None


def test_saving_without_a_change_moves_nothing():
    seed = make_seed()
    ledger.open_slot(seed.pk, CREATED, at(1))
    with time_machine.travel(at(50), tick=False):
        reloaded(seed).save()
    assert reloaded(seed).next_slot == at(60)


def test_a_changed_schedule_is_computed_anew():
    seed = make_seed()
    ledger.open_slot(seed.pk, CREATED, at(1))
    seed = reloaded(seed)
    seed.interval_seconds = 3600
    with time_machine.travel(at(70), tick=False):
        seed.save()
    assert reloaded(seed).next_slot == seed.next_slot == at(3600)


def test_disabling_takes_the_slot_away_and_enabling_goes_on_without_missed_ones():
    seed = make_seed()
    seed.enabled = False
    seed.save()
    assert reloaded(seed).next_slot is None
    seed.enabled = True
    with time_machine.travel(at(1000), tick=False):
        seed.save()
    assert reloaded(seed).next_slot == at(1020)


def test_changes_without_signals_are_planned_by_the_reconcile():
    changed, idle, right = make_seed(), make_seed(name="idle"), make_seed(name="right")
    Seed.objects.filter(pk=changed.pk).update(interval_seconds=300)
    Seed.objects.filter(pk=idle.pk).update(enabled=False)
    assert ledger.plan_all(at(10)) == 2
    assert reloaded(changed).next_slot == at(300)
    assert reloaded(idle).next_slot is None
    assert reloaded(right).next_slot == CREATED
    assert ledger.plan_all(at(20)) == 0


def test_a_due_slot_opens_one_run_and_the_next_follows_without_drift():
    seed = make_seed()
    run = ledger.open_slot(seed.pk, CREATED, at(7))
    assert run is not None
    assert (run.kind, run.slot, run.state) == (Run.Kind.SCHEDULED, CREATED, Run.State.DUE)
    assert reloaded(seed).next_slot == at(60)
    finish(run)
    run = ledger.open_slot(seed.pk, at(60), at(75))
    assert run is not None
    assert run.slot == at(60)
    assert reloaded(seed).next_slot == at(120)


def test_repeated_late_and_early_messages_do_nothing():
    seed = make_seed()
    finish(ledger.open_slot(seed.pk, CREATED, at(1)))
    assert ledger.open_slot(seed.pk, CREATED, at(2)) is None
    assert ledger.open_slot(seed.pk, at(60), at(50)) is None
    assert ledger.open_slot(seed.pk, at(61), at(61)) is None
    assert rows(seed) == [(0, "finished", "")]
    assert reloaded(seed).next_slot == at(60)


def test_a_clock_a_little_ahead_is_believed():
    seed = make_seed(next_slot=at(60))
    assert ledger.open_slot(seed.pk, at(60), at(59)) is not None
    assert reloaded(seed).next_slot == at(120)


def test_a_slot_opened_before_is_not_opened_again_when_its_due_time_comes_back():
    seed = make_seed()
    finish(ledger.open_slot(seed.pk, CREATED, at(1)))
    Seed.objects.update(next_slot=CREATED)
    assert ledger.open_slot(seed.pk, CREATED, at(2)) is None
    assert rows(seed) == [(0, "finished", "")]
    assert reloaded(seed).next_slot == at(60)


def test_a_crawl_that_still_runs_skips_the_slot():
    seed = make_seed()
    ledger.open_slot(seed.pk, CREATED, at(1))
    assert ledger.open_slot(seed.pk, at(60), at(61)) is None
    assert rows(seed) == [(0, "due", ""), (60, "skipped", "overlap")]
    assert reloaded(seed).next_slot == at(120)


def test_a_recrawl_does_not_count_as_overlap_and_a_run_by_hand_does():
    seed = make_seed()
    other = Run.objects.create(seed=seed, kind=Run.Kind.RECRAWL, slot=at(-9), state=Run.State.OPEN)
    assert ledger.open_slot(seed.pk, CREATED, at(1)) is not None
    Run.objects.filter(kind=Run.Kind.SCHEDULED).update(state=Run.State.FINISHED)
    Run.objects.filter(pk=other.pk).update(kind=Run.Kind.MANUAL)
    assert ledger.open_slot(seed.pk, at(60), at(61)) is None


def test_slots_missed_in_a_downtime_are_written_down_and_the_latest_runs():
    seed = make_seed()
    run = ledger.open_slot(seed.pk, CREATED, at(190))
    assert run is not None
    assert run.slot == at(180)
    missed = [(slot, "missed", "downtime") for slot in (0, 60, 120)]
    assert rows(seed) == [*missed, (180, "due", "")]
    assert reloaded(seed).next_slot == at(240)


def test_a_long_downtime_is_summed_up():
    seed = make_seed()
    late = 86400 * 30 + 5
    run = ledger.open_slot(seed.pk, CREATED, at(late))
    assert run is not None
    assert run.slot == at(late - 5)
    found = rows(seed)
    assert len(found) == ledger.MISSED_ROWS + 1
    assert found[0] == (0, "missed", "downtime; so were all slots from then to 2026-03-31 10:21 UTC")
    assert found[1] == (late - 5 - 60 * 99, "missed", "downtime")
    assert reloaded(seed).next_slot == at(late + 55)


def test_a_seed_disabled_or_deleted_meanwhile_opens_nothing():
    seed = make_seed()
    Seed.objects.update(enabled=False)
    assert ledger.open_slot(seed.pk, CREATED, at(1)) is None
    Seed.objects.update(enabled=True, deleted_at=CREATED)
    assert ledger.open_slot(seed.pk, CREATED, at(1)) is None
    assert rows(seed) == []


def test_a_schedule_that_cannot_be_read_stops_alone(caplog: pytest.LogCaptureFixture):
    bad = make_seed(schedule="cron", cron="what")
    good = make_seed(name="good")
    assert ledger.open_slot(bad.pk, CREATED, at(1)) is not None
    assert reloaded(bad).next_slot is None
    assert ledger.plan_all(at(70)) == 0
    assert reloaded(good).next_slot == CREATED
    assert "A cron line has five parts" in caplog.text


def test_overdue_slots_are_those_nobody_opened():
    seed, later = make_seed(), make_seed(name="later", next_slot=at(30))
    make_seed(name="idle", enabled=False)
    assert ledger.overdue_slots(at(20), 10) == [(seed.pk, CREATED)]
    assert ledger.overdue_slots(at(40), 10) == [(seed.pk, CREATED), (later.pk, at(30))]
    assert ledger.overdue_slots(at(40), 1) == [(seed.pk, CREATED)]
