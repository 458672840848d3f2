"""Types of values: from the text that rules and steps give to a number, a date, an amount of money.

A type is a function of this folder from a raw value and a :class:`crawler.reading.types.setting.Setting` to
a value; ValueError, with a sentence for people, if it does not convert. Packages add types as entry points of
the group ``crawlbeat.types``. A text that can be read in two ways is refused, not guessed.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

from crawler.plugs import load, plugged
from crawler.reading.record import Value
from crawler.reading.types.setting import Convert, Setting

GROUP = "crawlbeat.types"
TYPES = {
    "text": "crawler.reading.types.plain:text",
    "number": "crawler.reading.types.number:number",
    "money": "crawler.reading.types.money:money",
    "date": "crawler.reading.types.dates:date",
    "datetime": "crawler.reading.types.dates:moment",
    "url": "crawler.reading.types.plain:url",
    "boolean": "crawler.reading.types.boolean:boolean",
    "list": "crawler.reading.types.nested:listed",
    "object": "crawler.reading.types.nested:mapping",
}
"""The function of every type. Loaded at first use: babel and dateparser take a third of a second."""

_LOCALE = "crawler.reading.types.locales:locale_of"


def convert(raw: Value, type: str, *, locale: str, zone: str, base: str) -> Value:
    """The value of a type; None stays None. ValueError with a sentence for people if it does not convert.

    ``locale`` is the field's, or else that of the page: one that is not known counts as none. ``zone`` is for
    dates that name none, empty for UTC; ``base`` is the page's URL.
    """
    return None if raw is None else _function(type)(raw, Setting(locale, zone, base))


def check(type: str, locale: str, zone: str) -> None:
    """ValueError with a sentence for people if a field cannot have this type, locale or zone."""
    _function(type)
    if locale and load(_LOCALE)(locale) is None:
        raise ValueError(f"{locale[:60]!r} is not a locale. Write it like 'de' or 'en-GB'.")
    try:
        ZoneInfo(zone or "UTC")
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{zone[:60]!r} is not a time zone. Write it like 'Europe/Berlin'.") from error


@cache
def _function(type: str) -> Convert:
    types = {**plugged(GROUP), **TYPES}
    if type not in types:
        raise ValueError(f"{type[:60]!r} is not a type. The types are: {', '.join(types)}.")
    function: Convert = load(types[type])
    return function
