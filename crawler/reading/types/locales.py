"""Locales as fields and pages name them (BCP 47), by the data of CLDR."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol

_MAX_NAME = 35  # characters; RFC 5646 section 4.4.1


@lru_cache(maxsize=1024)
def locale_of(name: str) -> Locale | None:
    """The locale, that of its language where the territory is not known there, or None."""
    written = name.strip().replace("_", "-")
    if not written.isascii() or len(written) > _MAX_NAME:
        return None
    for tag in (written, written.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return None


@lru_cache(maxsize=1024)
def decimal_sign(name: str) -> str:
    """The decimal sign of a locale, ``.`` or ``,``; empty without a locale that is known."""
    locale = locale_of(name)
    return "" if locale is None else get_decimal_symbol(locale).replace("٫", ".")


@lru_cache(maxsize=1024)
def day_first(name: str) -> bool | None:
    """Whether a locale writes the day before the month in dates of numbers.

    None if there is no locale that is known, or if it writes the year first and may mean either (en-CA).
    """
    locale = locale_of(name)
    if locale is None:
        return None
    short, medium = (locale.date_formats[width].pattern for width in ("short", "medium"))
    if not short.startswith("y"):
        return bool(short.index("d") < short.index("M"))
    return True if medium.startswith("d") else None
