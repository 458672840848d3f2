"""The one number in a text, in any of the ways in which people write numbers.

A numeral has digits (of any script), perhaps groups of three (in India of two, then three) between spaces,
apostrophes, points or commas, and perhaps decimals. Most can be read in one way only. Where a point or a
comma may be both, as in ``1.234``, the decimal sign of the locale decides.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from crawler.reading.types.exact import CONTEXT

_NUMERAL = re.compile(
    r"(?P<numeral>(?<![\w.,])[.,][0-9]+|[0-9]+(?:[ ',.][0-9]+)*)"
    r"(?P<exponent>[eE][+-]?[0-9]{1,3}(?![0-9A-Za-z]))?"
    r"(?P<scale> ?(?i:(?:thousand|tsd|million|mio|mrd)s?\b\.?)|[kKM](?!\w))?"
)
_SCALES = {"thousand": 3, "tsd": 3, "k": 3, "million": 6, "mio": 6, "m": 6, "mrd": 9}
_BILLION = re.compile(r" ?(?:bn\b|billion|trillion|B(?!\w))", re.IGNORECASE)  # 10⁹ or 10¹² by language
_PLAIN = r"[0-9]+"
_GROUPED = r"[1-9][0-9]{0,2}(?:(?P<group>[%s])[0-9]{3})(?:(?P=group)[0-9]{3})*"
_BY_COMMA, _BY_POINT = _GROUPED % " ',", _GROUPED % " '."
_INDIAN = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
_POINT = re.compile(rf"(?:{_PLAIN}|{_BY_COMMA}|{_INDIAN})?(?:\.(?P<decimals>[0-9]+))?")
_COMMA = re.compile(rf"(?:{_PLAIN}|{_BY_POINT})?(?:,(?P<decimals>[0-9]+))?")
_NEGATIVE = re.compile(r"(?<![\w-])-(?:[^\W\d]{0,4}[^\w\s.,-]? ?(?<!- ))$")
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000\s]")
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u061c\ufeff]")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ＇`´٬", "'"),
        **dict.fromkeys("−–—‒﹣－", "-"),
        **dict.fromkeys("٫．", "."),
        "，": ",",
    }
)


class Numeral(NamedTuple):
    """A number as written: its sign and scale, what it is read as with either decimal sign, its place."""

    sign: int
    power: int
    readings: dict[str, Decimal]  # by decimal sign; one, or two that differ
    before: str
    after: str

    def value(self, decimal_sign: str) -> Decimal | None:
        """The number by the locale's decimal sign; None where only that could tell and it is not known."""
        if len(self.readings) == 1:
            (reading,) = self.readings.values()
        elif (by_locale := self.readings.get(decimal_sign)) is not None:
            reading = by_locale
        else:
            return None
        value = reading.scaleb(self.power, CONTEXT)
        return value.copy_negate() if self.sign < 0 else value

    def both(self) -> str:
        """The readings, for a sentence."""
        return " or ".join(map(str, self.readings.values()))


def tidied(text: str) -> str:
    """A text with its digits, spaces, dashes and apostrophes in ASCII, without marks that nobody sees."""
    if text.isascii():
        return _SPACES.sub(" ", text)
    digits = "".join(_ascii_digit(char) for char in _UNSEEN.sub("", text))
    return _SPACES.sub(" ", digits.translate(_SIGNS))


def only_numeral(text: str) -> Numeral | None:
    """The number of a tidied text; None if there is none, or more than one, or one that cannot be read.

    Digits in a word (``m2``, ``EUR12``) count only where there are no others.
    """
    matches = list(_NUMERAL.finditer(text))
    apart = [match for match in matches if not text[: match.start()][-1:].isalpha()]
    matches = apart or matches
    if len(matches) != 1:
        return None
    match = matches[0]
    readings = _readings(match["numeral"])
    before, after = text[: match.start()], text[match.end() :]
    if not readings or _BILLION.match(after) or unicodedata.category(after.lstrip()[:1] or " ") == "No":
        return None
    return Numeral(_sign(before), _power(match), readings, before, after)


def _readings(numeral: str) -> dict[str, Decimal]:
    readings: dict[str, Decimal] = {}
    for sign, form in ((".", _POINT), (",", _COMMA)):
        if form.fullmatch(numeral):
            plain = re.sub(f"[^0-9{sign}]", "", numeral).replace(sign, ".")
            reading = Decimal(plain)
            if reading not in readings.values():
                readings[sign] = reading
    return readings


def _sign(before: str) -> int:
    """-1 after a dash at the beginning of a word, a currency perhaps between: not in ``a-5`` or ``a - 5``."""
    return -1 if _NEGATIVE.search(before) else 1


def _power(match: re.Match[str]) -> int:
    exponent = int(match["exponent"][1:]) if match["exponent"] else 0
    scale = (match["scale"] or "").strip(" .").casefold()
    return exponent + _SCALES.get(scale.removesuffix("s"), 0)


def _ascii_digit(char: str) -> str:
    digit = unicodedata.decimal(char, None) if char > "\x7f" else None
    return char if digit is None else str(digit)
