"""What a page did, in few bytes: it comes back as it was, and never takes more."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from catalog.packing import LOOKS, Look, Saw, add_look, looks_in

COLUMN_LOOKS = 4  # bytes of Page.looks
HEADER = 1  # byte that PostgreSQL puts before so short a value
BEGAN = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
gaps = st.integers(min_value=0, max_value=2**22 - 1).map(lambda minutes: timedelta(minutes=minutes))
steps = st.lists(st.tuples(gaps, st.sampled_from(Saw)), min_size=1, max_size=30)


def packed(looks: list[Look]) -> bytes:
    lately = b""
    for look in looks:
        lately = add_look(lately, look.at, look.saw)
    return lately


@given(steps)
def test_the_last_looks_come_back_newest_first_and_fit_into_forty_bytes(steps):
    times = list(accumulate((gap for gap, _ in steps), initial=BEGAN))[1:]
    looks = [Look(at, saw) for at, (_, saw) in zip(times, steps, strict=True) if at.year < 2500]
    lately = packed(looks)
    assert list(looks_in(lately)) == looks[::-1][:LOOKS]
    assert len(lately) + HEADER + COLUMN_LOOKS <= 40


def test_a_page_without_a_look_has_none():
    assert list(looks_in(b"")) == []


def test_times_are_kept_to_the_minute_and_do_not_drift():
    looks = [Look(BEGAN + timedelta(seconds=59 * number), Saw.SAME) for number in range(10)]
    minutes = [look.at.replace(second=0) for look in reversed(looks)]
    assert [look.at for look in looks_in(packed(looks))] == minutes


def test_a_look_that_is_written_late_or_after_many_years_harms_no_other():
    late = [Look(BEGAN, Saw.CHANGE), Look(BEGAN - timedelta(hours=1), Saw.SAME)]
    assert list(looks_in(packed(late))) == [Look(BEGAN, Saw.SAME), Look(BEGAN, Saw.CHANGE)]
    after = BEGAN + timedelta(days=20 * 365)
    newest, before = looks_in(packed([Look(BEGAN, Saw.CHANGE), Look(after, Saw.NOTHING)]))
    assert newest == Look(after, Saw.NOTHING)
    assert before.saw == Saw.CHANGE


def test_a_look_costs_a_page_some_microseconds():
    lately, began = b"", time.process_time()
    for number in range(10_000):
        lately = add_look(lately, BEGAN, Saw(number % 3))
    assert (time.process_time() - began) / 10_000 < 20e-6
