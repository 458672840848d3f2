"""How fast a rereading goes: measured since somebody looks, and since it was asked for until then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from djsite.desk.rereadings.pace import Mark, pace_of

ASKED = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = ASKED + timedelta(hours=10)


def after(seconds: float) -> datetime:
    return LATER + timedelta(seconds=seconds)


def test_it_is_measured_between_two_looks() -> None:
    first = pace_of(36_000, 100_000, ASKED, LATER, None)
    assert (first.per_second, first.percent) == (1.0, 36)
    second = pace_of(40_000, 100_000, ASKED, after(10), first.mark)
    assert (second.per_second, second.seconds_left) == (400.0, 150.0)
    assert second.mark == first.mark


def test_nobody_can_say_how_long_what_stands_still_will_take() -> None:
    first = pace_of(5, 10, ASKED, LATER, None)
    still = pace_of(5, 10, ASKED, after(60), first.mark)
    assert (still.per_second, still.seconds_left) == (None, None)
    assert pace_of(0, 0, ASKED, ASKED, None).percent == 0


def test_a_mark_that_cannot_be_is_made_anew() -> None:
    assert pace_of(5, 10, ASKED, LATER, Mark(6, ASKED)).mark == Mark(5, LATER)
    assert pace_of(5, 10, ASKED, LATER, Mark(1, after(5))).mark == Mark(5, LATER)


@pytest.mark.parametrize("text", ["", "7", "7-", "-7", "a-b", "1-" + "9" * 12, "٣-٣٣٣x", "1-2-3"])
def test_what_was_not_written_here_is_no_mark(text: str) -> None:
    assert Mark.parse(text) is None
    mark = Mark(7, LATER)
    assert Mark.parse(str(mark)) == mark
