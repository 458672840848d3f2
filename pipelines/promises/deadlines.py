"""The deadlines of a promise, in its own time zone: as those of a cron line, also when a clock is changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import Promise
from crawler.seeds import cron

_LONGEST = timedelta(days=9)  # between deadlines: a week, and a clock that is changed


def deadline_after(promise: Promise, moment: datetime) -> datetime:
    """The first deadline later than a moment.

    Raises:
        ValueError: its time zone or its days cannot be read.
    """
    return next(cron.times(_line(promise), promise.time_zone, moment))


def deadlines_before(promise: Promise, moment: datetime) -> tuple[datetime, datetime]:
    """The last two deadlines that are not later than a moment, the earlier one first. Raises as above."""
    passed: list[datetime] = []
    for deadline in cron.times(_line(promise), promise.time_zone, moment - 2 * _LONGEST):
        if deadline > moment:
            break
        passed.append(deadline)
    return passed[-2], passed[-1]


def _line(promise: Promise) -> str:
    days = ",".join(str((int(day) + 1) % 7) for day in promise.weekdays)  # cron counts from Sunday
    return f"{promise.deadline.minute} {promise.deadline.hour} * * {days}"
