"""Comparing what a rule reads with what was read before, and finding texts that may hold a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from crawler.collections import Field, Step
from crawler.reading import steps, types
from crawler.reading.extractor.reading import text_of
from crawler.reading.record import Value

AROUND = 60  # characters that may stand around a value
LONG = 200  # characters: no number, date or amount is longer
_NUMBERS = re.compile(r"[0-9]+")
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def is_empty(value: Value) -> bool:
    """Whether there is no value."""
    return value in _NOTHING


def same(read: Value, known: Value) -> bool:
    """Whether a value is the known one; nothing is the same as nothing."""
    return bool(read == known) or (is_empty(read) and is_empty(known))


def typed(matched: Sequence[Value], field: Field, base: str) -> Value:
    """What a field makes of what its rule matched; None where it does not convert."""
    try:
        texts = list(matched)
        if field.steps:
            texts = list(steps.clean([text_of(value) for value in matched], field.steps, base=base))
        values = [_converted(text, field, base) for text in texts]
    except ValueError:
        return [] if field.many else None
    return values if field.many else values[0] if values else None


def _converted(raw: Value, field: Field, base: str) -> Value:
    if not isinstance(raw, str):
        return _or_none(raw, field.type, field.locale, field.zone, base)
    if len(raw) > LONG and field.type not in {"text", "url"}:
        return None
    return _text_converted(raw, field.type, field.locale, field.zone, base)


def _or_none(raw: Value, type: str, locale: str, zone: str, base: str) -> Value:
    try:
        return types.convert(raw, type, locale=locale, zone=zone, base=base)
    except ValueError:
        return None


_text_converted = lru_cache(maxsize=20_000)(_or_none)
"""Converting a date in words takes a millisecond, and the same text is met often."""


class Wanted:
    """A value, and which texts may hold it."""

    def __init__(self, value: Value, type: str, base: str) -> None:
        self._type, self._base = type, base
        self._texts = [text_of(each) for each in (value if isinstance(value, list) else [value])]
        self._numbers = _numbers_of(value) if type in {"number", "money", "date", "datetime"} else []

    def may_be(self, text: Value) -> bool:
        """Whether a text may hold the value, perhaps among some other words."""
        if self._type == "boolean":
            return isinstance(text, bool) or (isinstance(text, str) and 0 < len(text) <= 40)
        if not isinstance(text, str):
            text = text_of(text)
        if self._numbers:
            return len(text) <= AROUND + 40 and self._holds_numbers(text)
        if self._type == "url":
            return any(address.endswith(text) for address in self._texts) if len(text) > 1 else False
        return any(value in text and len(text) <= len(value) + AROUND for value in self._texts if value)

    def _holds_numbers(self, text: str) -> bool:
        digits = "".join(_NUMBERS.findall(text))
        return all(number in digits for number in self._numbers)


def _numbers_of(value: Value) -> list[str]:
    """Digits that stand in every way to write a value."""
    if isinstance(value, dict):
        value = value.get("amount")
    if isinstance(value, str):
        year, _, rest = value.partition("-")
        return [year, str(int(rest[3:5]))] if rest[3:5].isdigit() else [year]
    return [str(value).rpartition(".")[0] or str(value)] if isinstance(value, int | float) else []


def variants(field: Field, raws: Sequence[Sequence[Value]], known: Sequence[Value]) -> list[tuple[Step, ...]]:
    """Clean-up chains that may make the known values of what a rule gives, plain ones first."""
    chains: list[tuple[Step, ...]] = [(), field.steps] if field.steps else [()]
    pairs = [
        (raw, value)
        for raw_all, value_all in zip(raws, known, strict=True)
        for raw, value in _paired(raw_all, value_all)
        if isinstance(raw, str)
    ]
    if field.type == "boolean":
        chains += _mappings(pairs)
    else:
        chains += _cuts(field, pairs)
    return list(dict.fromkeys(chains))


def _paired(raws: Sequence[Value], value: Value) -> list[tuple[Value, Value]]:
    if isinstance(value, list):
        return list(zip(raws, value, strict=False)) if len(raws) == len(value) else []
    return [(raws[0], value)] if raws else []


def _mappings(pairs: Sequence[tuple[str, Value]]) -> list[tuple[Step, ...]]:
    """The words for yes and no that always stand for the same value."""
    words: dict[str, set[bool]] = {}
    for raw, value in pairs:
        if isinstance(value, bool):
            words.setdefault(raw, set()).add(value)
    meanings = {raw: min(values) for raw, values in words.items() if len(values) == 1}
    if len(meanings) != len(words) or not 1 < len(meanings) <= 8 or len(set(meanings.values())) < 2:
        return []
    written = [word for raw, value in sorted(meanings.items()) for word in (raw, str(value).lower())]
    return [(Step("map", tuple(written)),)]


_SEPARATORS = (" – ", " — ", " - ", "–", " bis ", " to ", " / ", ", ", "T", " (")
_MONEY = r"(?:[€$£¥]|[A-Z]{3})?\s?[0-9][0-9.,'’\s]*[0-9]\s?(?:[€$£¥]|[A-Z]{3}\b)?"


def _cuts(field: Field, pairs: Sequence[tuple[str, Value]]) -> list[tuple[Step, ...]]:
    texts = [raw for raw, value in pairs if raw and not is_empty(value)]
    around = _around(texts, pairs) if texts else []
    firsts: list[tuple[Step, ...]] = []
    for separator in _SEPARATORS:
        if any(separator in text for text in texts):
            firsts += [(Step("split", (separator,)), Step("first"))]
    chains = [*around, *firsts, *((*cut, *first) for cut in around for first in firsts)]
    if field.type in {"money", "number"}:
        chains += [(Step("regex", (_MONEY,)),), (Step("replace", (" ,", ",")), Step("regex", (_MONEY,)))]
    currencies = {value["currency"] for _, value in pairs if isinstance(value, dict) and "currency" in value}
    if field.type == "money" and len(currencies) == 1 and None not in currencies:
        chains.append((Step("suffix", (f" {min(currencies)}",)),))
    return chains


def _around(texts: Sequence[str], pairs: Sequence[tuple[str, Value]]) -> list[tuple[Step, ...]]:
    """The words that stand before or after every value."""
    before, after = _common(texts), _common([text[::-1] for text in texts])[::-1]
    known = [(raw, value) for raw, value in pairs if isinstance(value, str) and value and value in raw]
    if known and len(known) == len(texts):
        before = _common([raw[: raw.index(value)] or "\0" for raw, value in known]).strip("\0")
        after = _common([(raw[raw.index(value) + len(value) :] or "\0")[::-1] for raw, value in known])
        after = after[::-1].strip("\0")
    chains: list[tuple[Step, ...]] = []
    for words in ((before,), (after,), (before, after)):
        cuts = tuple(Step("replace", (word, "")) for word in words if word.strip() and not _holds_digit(word))
        if cuts:
            chains.append(cuts)
    return chains


def _common(texts: Sequence[str]) -> str:
    """What all texts begin with, up to the last word that is whole."""
    shortest, longest = min(texts), max(texts)
    length = next(
        (at for at, (one, other) in enumerate(zip(shortest, longest, strict=False)) if one != other),
        len(shortest),
    )
    common = shortest[:length]
    while common and common[-1].isalnum() and len(common) < len(longest) and longest[len(common)].isalnum():
        common = common[:-1]
    return common


def _holds_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)
