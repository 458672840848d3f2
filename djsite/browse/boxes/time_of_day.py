"""The boxes for a time of day: "every day at 08:00" as the cron line that is kept, and back."""

from __future__ import annotations

import re
from datetime import time
from typing import NamedTuple

from django import forms

from djsite.desk.words import WEEKDAYS

DAILY = "daily"  # a way of a schedule: a cron line that the form writes
DAYS = [
    ("*", "every day"),
    ("1-5", "Monday to Friday"),
    *((str(number % 7), f"every {day}") for number, day in enumerate(WEEKDAYS, start=1)),
]
MISSING = "Write the time of day, for example 08:00."
_LINE = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|[0-6])")


class TimeOfDay(NamedTuple):
    """A time such as ``08:00``, and one of :data:`DAYS`."""

    at: str
    days: str


def time_of_day(line: str) -> TimeOfDay | None:
    """What a cron line says; None for one that says something else."""
    match = _LINE.fullmatch(line)
    if match is None or int(match[1]) > 59 or int(match[2]) > 23:
        return None
    return TimeOfDay(f"{int(match[2]):02}:{int(match[1]):02}", match[3])


def cron_line(at: time, days: str) -> str:
    """The cron line of a time on some days."""
    return f"{at.minute} {at.hour} * * {days or '*'}"


def at_box() -> forms.TimeField:
    """The box of the time."""
    widget = forms.TimeInput({"type": "time"}, format="%H:%M")
    return forms.TimeField(label="At", required=False, initial="08:00", widget=widget)


def days_box() -> forms.ChoiceField:
    """The box of the days."""
    return forms.ChoiceField(label="On", required=False, choices=DAYS, initial="*")
