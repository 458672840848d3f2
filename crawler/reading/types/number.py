"""The type ``number``: one number in a text, as people of a locale write it; ``12 %`` is 12."""

from __future__ import annotations

from crawler.reading.record import Value
from crawler.reading.types.exact import exact, is_number
from crawler.reading.types.locales import decimal_sign
from crawler.reading.types.numerals import only_numeral, tidied
from crawler.reading.types.setting import Setting, short_text, shown

_ADVICE = "is not one number. Take the number out with a step such as 'regex'."


def number(raw: Value, setting: Setting) -> int | float:
    """The number. A number of a JSON document stays as it is; words around a number are passed by."""
    if is_number(raw):
        kept: int | float = raw
        return kept
    numeral = only_numeral(tidied(short_text(raw, "a number")))
    if numeral is None:
        raise ValueError(f"{shown(raw)} {_ADVICE}")
    value = numeral.value(decimal_sign(setting.locale))
    if value is None:
        raise ValueError(f"{shown(raw)} is {numeral.both()}: give the field a locale, such as 'en'.")
    return exact(value)
