"""The ledger: every slot accounted for, once, whatever the clock sends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Run, Seed
from scheduler.clock import backlog, ledger
from tests.factories import make_run
from tests.integration.due_seeds import CREATED, at, due_seed, reloaded, rows

HOUR = 3600
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_long_as_in_earnest(settings) -> None:
    settings.LATE_SECONDS = 300


def opened(seconds: float, until: datetime | None = None) -> list[float]:
    """The slots whose runs are to be opened."""
    return [(run.slot - CREATED).total_seconds() for run in ledger.answer_due(at(seconds), until).runs]


def finish_all() -> None:
    Run.objects.filter(state=Run.State.DUE).exclude(reason="waiting").update(
        state=Run.State.FINISHED, finished_at=CREATED
    )


def test_a_due_slot_opens_one_run_and_the_next_follows_without_drift():
    seed = due_seed()
    assert opened(7) == [0]
    run = Run.objects.get()
    assert (run.kind, run.slot, run.state, run.created_at) == (
        Run.Kind.SCHEDULED, CREATED, Run.State.DUE, at(7),
    )  # fmt: skip
    assert reloaded(seed).next_slot == at(60)
    finish_all()
    assert opened(75) == [60]
    assert reloaded(seed).next_slot == at(120)


def test_repeated_late_and_early_messages_do_nothing():
    seed = due_seed()
    assert opened(1, CREATED) == [0]
    finish_all()
    assert opened(2, CREATED) == []
    assert opened(50, at(60)) == []
    assert rows(seed) == [(0, "finished", "")]
    assert reloaded(seed).next_slot == at(60)


def test_a_clock_a_little_ahead_is_believed():
    seed = due_seed(next_slot=at(60))
    assert opened(59) == []
    assert opened(59, at(60)) == [60]
    assert reloaded(seed).next_slot == at(120)


def test_a_slot_opened_before_is_not_opened_again_when_its_due_time_comes_back():
    seed = due_seed()
    opened(61)
    finish_all()
    before = rows(seed)
    Seed.objects.update(next_slot=CREATED)
    assert opened(62) == []
    assert rows(seed) == before
    assert reloaded(seed).next_slot == at(120)


def test_all_seeds_that_are_due_are_answered_together(django_assert_max_num_queries):
    seeds = [due_seed() for _ in range(ledger.SEEDS_AT_ONCE + 20)]
    due_seed(next_slot=at(600))
    due_seed(enabled=False)
    with django_assert_max_num_queries(12):
        first = ledger.answer_due(at(1))
    assert (len(first.runs), first.more) == (ledger.SEEDS_AT_ONCE, True)
    second = ledger.answer_due(at(1))
    assert (len(second.runs), second.more) == (20, False)
    assert {run.seed_id for run in first.runs + second.runs} == {seed.pk for seed in seeds}
    assert ledger.answer_due(at(1)).runs == []


def test_long_downtimes_of_many_seeds_are_written_down_a_bounded_number_of_rows_at_a_time():
    for _ in range(30):
        due_seed()
    parts = [ledger.answer_due(at(86400))]
    while parts[-1].more:
        parts.append(ledger.answer_due(at(86400)))
    assert len(parts) == 3
    assert sum(len(part.runs) for part in parts) == 30
    assert Run.objects.count() == 30 * (backlog.ROWS_EACH + 1)


# Overlap ------------------------------------------------------------------------------------------------


def test_skip_leaves_out_the_slot_while_the_earlier_run_is_going():
    seed = due_seed()
    opened(1)
    assert opened(61) == []
    assert rows(seed) == [(0, "due", ""), (60, "skipped", "overlap")]
    assert Run.objects.get(state="skipped").finished_at == at(61)
    assert reloaded(seed).next_slot == at(120)


def test_queue_lets_one_slot_wait_until_the_earlier_run_has_ended():
    seed = due_seed(overlap="queue")
    opened(1)
    assert opened(61) == opened(121) == []
    assert rows(seed) == [(0, "due", ""), (60, "due", "waiting"), (120, "skipped", "one_waits")]
    assert ledger.call_waiting(at(122)) == []
    finish_all()
    (called,) = ledger.call_waiting(at(123))
    assert (called.slot, called.reason) == (at(60), "waited")
    assert ledger.call_waiting(at(123)) == []
    assert opened(181) == []
    assert rows(seed)[-1] == (180, "due", "waiting")


def test_both_opens_the_slot_beside_the_earlier_run():
    seed = due_seed(overlap="both")
    assert opened(1) + opened(61) + opened(121) == [0, 60, 120]
    assert {state for _, state, _ in rows(seed)} == {"due"}


@pytest.mark.parametrize("overlap", ["skip", "queue"])
def test_a_recrawl_is_not_in_the_way_and_a_run_by_hand_is(overlap: str):
    seed = due_seed(overlap=overlap)
    other = make_run(seed, Run.State.OPEN, at=at(-9), kind=Run.Kind.RECRAWL)
    assert opened(1) == [0]
    finish_all()
    Run.objects.filter(pk=other.pk).update(kind=Run.Kind.MANUAL)
    assert opened(61) == []


def test_only_the_seeds_of_ended_runs_are_looked_at():
    first, second = due_seed(overlap="queue"), due_seed(overlap="queue")
    opened(1)
    opened(61)
    finish_all()
    (called,) = ledger.call_waiting(at(62), [Run.objects.get(seed=second, slot=CREATED).pk])
    assert called.seed_id == second.pk
    assert ledger.call_waiting(at(62), []) == []
    assert [run.seed_id for run in ledger.call_waiting(at(62))] == [first.pk]


def test_what_waits_is_written_off_when_its_seed_is_switched_off_or_deleted():
    off, deleted = due_seed(overlap="queue"), due_seed(overlap="queue")
    opened(1)
    opened(61)
    Seed.objects.filter(pk=off.pk).update(enabled=False)
    Seed.objects.filter(pk=deleted.pk).update(deleted_at=CREATED)
    assert ledger.call_waiting(at(62)) == []
    assert rows(off)[-1] == (60, "skipped", "switched_off")
    assert rows(deleted)[-1] == (60, "skipped", "seed_deleted")


# Catching up --------------------------------------------------------------------------------------------


def test_one_writes_down_missed_slots_and_runs_the_latest():
    seed = due_seed()
    assert opened(190) == [180]
    missed = [(slot, "missed", "downtime") for slot in (0, 60, 120)]
    assert rows(seed) == [*missed, (180, "due", "")]
    assert reloaded(seed).next_slot == at(240)


def test_one_opens_a_slot_however_late_and_says_so():
    seed = due_seed(interval_seconds=HOUR)
    assert opened(HOUR - 1) == [0]
    assert rows(seed) == [(0, "due", "late")]


def test_skip_runs_what_is_on_time_only():
    seed = due_seed(interval_seconds=HOUR, catch_up="skip")
    assert opened(301) == []
    assert opened(3 * HOUR + 300) == [3 * HOUR]
    assert rows(seed) == [
        (0, "missed", "downtime"), (HOUR, "missed", "downtime"), (2 * HOUR, "missed", "downtime"),
        (3 * HOUR, "due", ""),
    ]  # fmt: skip
    assert Run.objects.get(slot=CREATED).finished_at == at(301)


@pytest.mark.parametrize("overlap", ["skip", "queue"])
def test_all_runs_the_last_missed_slots_one_after_the_other(overlap: str):
    seed = due_seed(interval_seconds=HOUR, catch_up="all", catch_up_limit=3, overlap=overlap)
    assert opened(5 * HOUR) == [3 * HOUR]
    missed = [(slot * HOUR, "missed", "downtime") for slot in range(3)]
    waiting = [(slot * HOUR, "due", "waiting") for slot in (4, 5)]
    assert rows(seed) == [*missed, (3 * HOUR, "due", "late"), *waiting]
    for slot in (4, 5):
        finish_all()
        assert [run.slot for run in ledger.call_waiting(at(5 * HOUR + slot))] == [at(slot * HOUR)]
    assert opened(6 * HOUR) == []
    assert rows(seed)[-1][1:] == (("skipped", "overlap") if overlap == "skip" else ("due", "waiting"))


def test_all_and_both_run_the_last_missed_slots_at_once():
    due_seed(interval_seconds=HOUR, catch_up="all", catch_up_limit=3, overlap="both")
    assert opened(5 * HOUR) == [3 * HOUR, 4 * HOUR, 5 * HOUR]


def test_all_counts_what_waits_already():
    seed = due_seed(interval_seconds=HOUR, catch_up="all", catch_up_limit=3)
    opened(2 * HOUR)
    assert opened(9 * HOUR) == []
    waiting = [slot / HOUR for slot, _, reason in rows(seed) if reason == "waiting"]
    assert waiting == [1, 2, 9]


def test_a_long_downtime_is_summed_up_in_one_row_that_says_how_many():
    seed = due_seed()
    late = 86400 * 30 + 5
    assert opened(late) == [late - 5]
    assert Run.objects.count() == backlog.ROWS_EACH + 1
    first, second = Run.objects.order_by("slot")[:2]
    assert (first.slot, first.state, first.reason) == (CREATED, "missed", "downtime")
    assert second.slots == 1
    assert first.slots == 30 * 1440 + 1 - backlog.ROWS_EACH
    assert first.last_slot == second.slot - timedelta(seconds=60)
    assert reloaded(seed).next_slot == at(late + 55)


def test_a_long_downtime_of_a_cron_line_is_counted_too():
    due_seed(schedule="cron", cron="*/5 * * * *", time_zone="Europe/Berlin", next_slot=CREATED)
    ledger.answer_due(at(86400 * 40))  # over the change of 29 March
    assert sum(Run.objects.values_list("slots", flat=True)) == 40 * 288 + 1


def test_only_a_missed_row_stands_for_many_slots():
    seed = due_seed(next_slot=at(60))
    for values in (
        {"state": "finished", "slots": 5, "last_slot": at(9)}, {"state": "missed", "slots": 5},
        {"state": "missed", "slots": 1, "last_slot": at(9)}, {"state": "missed", "slots": 0},
        {"state": "missed", "slots": 2, "last_slot": at(-9)},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.create(seed=seed, kind="scheduled", slot=CREATED, **values)


@pytest.mark.parametrize(
    "values",
    [{"overlap": "maybe"}, {"catch_up": "some"}, {"catch_up_limit": 0}, {"catch_up_limit": 101}],
)
def test_policies_that_do_not_exist_are_refused_by_the_database(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        due_seed(**values)


def test_a_seed_disabled_or_deleted_meanwhile_opens_nothing():
    seed = due_seed()
    Seed.objects.update(enabled=False)
    assert opened(1, CREATED) == []
    Seed.objects.update(enabled=True, deleted_at=CREATED)
    assert opened(1, CREATED) == []
    assert rows(seed) == []
