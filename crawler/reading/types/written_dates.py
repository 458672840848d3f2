"""Dates as people write them, by dateparser: strictly, and in one language only."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from dateparser.date import DateDataParser

from crawler.reading.types.dates_in_numbers import date_in_numbers
from crawler.reading.types.locales import day_first, locale_of

_MAX_DATE = 100  # characters
_ABSOLUTE, _RELATIVE = "absolute-time", "relative-time"
_LANGUAGE = "en"  # of months in words, where no locale is known
_FAILURES = (ValueError, OverflowError)


def written_date(text: str, locale: str, what: str) -> datetime:
    """The date of a text, with a zone only if it names one.

    ValueError with a sentence for people if it has no day, month and year, or may be two days.
    """
    if len(text) > _MAX_DATE:
        raise ValueError(f"{text[:60]!r}… is not {what}.")
    value = date_in_numbers(text, locale) or _parsed(text, locale, _ABSOLUTE)
    if value is not None:
        return value
    if _parsed(text, locale, _RELATIVE) is not None:
        raise ValueError(f"{text!r} is not {what}: which day it means depends on when it is read.")
    raise ValueError(f"{text!r} is not {what}: it needs a day, a month and a year.")


def _parsed(text: str, locale: str, how: str) -> datetime | None:
    """What dateparser reads. A date that no calendar has fails."""
    try:
        value: datetime | None = _parser(locale, how).get_date_data(text).date_obj
    except _FAILURES:
        return None
    return value


@lru_cache(maxsize=128)
def _parser(name: str, how: str) -> Any:
    """dateparser in the language of a locale; in English if it does not know that."""
    locale = locale_of(name)
    order = "MDY" if day_first(name) is False else "DMY"
    settings = {"STRICT_PARSING": how == _ABSOLUTE, "PARSERS": [how], "DATE_ORDER": order}
    try:
        return DateDataParser(languages=[locale.language if locale else _LANGUAGE], settings=settings)
    except ValueError:
        return DateDataParser(languages=[_LANGUAGE], settings=settings)
