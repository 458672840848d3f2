"""Dates in numbers only: ``5.3.2026``, ``03/05/2026 10:00``, ``2026/03/05``."""

from __future__ import annotations

import re
from datetime import datetime

from crawler.reading.types.locales import day_first

_TIME = r"(?:,? (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
_YEAR_LAST = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<sign>[./-]) ?(?P<two>[0-9]{1,2})(?P=sign) ?(?P<year>[0-9]{4}|[0-9]{2})" + _TIME
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>[0-9]{{4}})(?P<sign>[./-]) ?(?P<one>[0-9]{{1,2}})(?P=sign) ?(?P<two>[0-9]{{1,2}})\.?{_TIME}"
)
_LAST_CENTURY_FROM = 69  # of years in two digits, as POSIX reads them (strptime, %y)


def date_in_numbers(text: str, locale: str) -> datetime | None:
    """The date without a zone, None if the text is no such date.

    What can be read in one way only is. Where day and month could be either, points mean the day first, and
    otherwise the locale decides. ValueError with a sentence for people if it cannot, or there is no such day.
    """
    if match := _YEAR_FIRST.fullmatch(text):
        date = _date(match, match["one"], match["two"])
    elif match := _YEAR_LAST.fullmatch(text):
        date = _either(match, locale)
    else:
        return None
    if date is None:
        raise ValueError(f"{text!r} is not a date: there is no such day or time.")
    return date


def _either(match: re.Match[str], locale: str) -> datetime | None:
    """The date with the day or with the month first."""
    by_day = _date(match, match["two"], match["one"])
    by_month = _date(match, match["one"], match["two"])
    if by_day is None or by_month is None or by_day == by_month or match["sign"] == ".":
        return by_day or by_month
    first = day_first(locale)
    if first is None:
        raise ValueError(f"{match[0]!r} may be two days: give the field a locale, such as 'de' or 'en-US'.")
    return by_day if first else by_month


def _date(match: re.Match[str], month: str, day: str) -> datetime | None:
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 1900 if year >= _LAST_CENTURY_FROM else 2000
    hour, minute, second = (int(part or 0) for part in match.group("hour", "minute", "second"))
    try:
        return datetime(year, int(month), int(day), hour, minute, second)  # noqa: DTZ001 - it names no zone
    except ValueError:
        return None
