"""The types ``date`` and ``datetime``: a day, and a moment with its offset, in ISO 8601.

A date needs its day, month and year. One that depends on the day on which it is read ("2 days ago") is
refused: reading the same bytes again later would give another value. What machines write (ISO 8601, RFC 2822,
Unix time) is read first and at once; what people write is read in the language of the locale.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from crawler.reading.record import Value
from crawler.reading.types.exact import is_number
from crawler.reading.types.setting import Setting, short_text, shown
from crawler.reading.types.written_dates import written_date

_ISO = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:[T ][0-9:.,]{2,20} ?(?:Z|[+-][0-9:]{2,6})?)?")
_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, ?)?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
    r" (?:[+-][0-9]{4}|GMT|UTC?|[ECMP][SD]T)"
)
_UNIX = re.compile(r"[0-9]{10}|[0-9]{13}")
_MILLISECONDS_FROM = 100_000_000_000  # in seconds that would be the year 5138


def date(raw: Value, setting: Setting) -> str:
    """The day as it is written, whatever zone it is of: ``2026-03-05``."""
    return _read(raw, setting, "a date").date().isoformat()


def moment(raw: Value, setting: Setting) -> str:
    """The moment with its offset: ``2026-03-05T10:00:00+01:00``; a date without a time is its midnight.

    A time that names no zone is of the field's zone.
    """
    value = _read(raw, setting, "a date with a time")
    if value.tzinfo is None:
        value = value.replace(tzinfo=_zone(setting.zone))
    return value.isoformat()


def _read(raw: Value, setting: Setting, what: str) -> datetime:
    if is_number(raw):
        return _unix(raw, setting)
    text = " ".join(short_text(raw, what).split())
    if _UNIX.fullmatch(text):
        return _unix(int(text), setting)
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(text.replace(" Z", "Z"))
        if _RFC.fullmatch(text):
            return parsedate_to_datetime(text)
    except ValueError as error:
        raise ValueError(f"{shown(raw)} is not {what}: there is no such day or time.") from error
    return written_date(text, setting.locale, what)


def _unix(seconds: float, setting: Setting) -> datetime:
    """Seconds since 1970, or milliseconds if they are many."""
    if abs(seconds) >= _MILLISECONDS_FROM:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, _zone(setting.zone))
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"{seconds} is not a time in seconds since 1970.") from error


def _zone(name: str) -> tzinfo:
    return ZoneInfo(name) if name else UTC
