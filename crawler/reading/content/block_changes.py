"""What kind of change a block shows: one as only machines make it, or one as people write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from zlib import crc32

import msgspec

from crawler.reading.content.nodes import TARGET
from crawler.reading.content.noise import compile_noise
from crawler.reading.selectors.names import is_chosen

MOST_MARKS = 60  # of the pieces of one side
_SHOWN = 120  # characters
_SENTENCE = 4  # words
_TELLING = 3  # words of a piece that says something when it comes back
_WORD = re.compile(r"\w+(?:[.,:'\u2019-]\w+)*")
_NUMBER = re.compile(r"\d[\d.,'\u2019\s]*")
_MONEY = re.compile(r"\b(?:EUR|USD|GBP|CHF|JPY|PLN|CZK|SEK|NOK|DKK|CAD|AUD|CNY|INR|BRL)\b")
_CLOCKS = ("dates", "counters")


class BlockChange(msgspec.Struct, frozen=True, kw_only=True):
    """How a block differs between two versions of a page."""

    machine: bool = False  # nothing but times, tokens and counters
    value: bool = False  # nothing but a number, which says how much or how many something is
    grown: bool = False  # sentences came in front or at the end, most of the others stayed
    lost: list[int] = []  # marks of the telling pieces that it had
    gained: list[int] = []  # and that it has now
    moved: bool = False  # it shows the same in another place of the page
    before: str = ""  # an excerpt, of what the other version does not have
    after: str = ""


def change_of(before: Sequence[str], after: Sequence[str]) -> BlockChange | None:
    """The change from some pieces of text to others; None if they are the same."""
    if list(before) == list(after):
        return None
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    lost, gained = [each for each in old if each not in new], [each for each in new if each not in old]
    machine = _by_machine(before, after)
    return BlockChange(
        machine=machine,
        value=not machine and _differ_in_numbers(before, after),
        grown=_has_grown(before, after),
        lost=_marks(lost),
        gained=_marks(gained),
        before=_excerpt(lost),
        after=_excerpt(gained),
    )


MOVED = BlockChange(moved=True)


def _marks(pieces: Sequence[str]) -> list[int]:
    telling = [piece for piece in pieces if len(piece.split()) >= _TELLING]
    return [crc32(piece.encode()) for piece in telling[:MOST_MARKS]]


def _excerpt(pieces: Sequence[str]) -> str:
    return " \N{MIDDLE DOT} ".join(piece for piece in pieces if not piece.startswith(TARGET))[:_SHOWN]


def _by_machine(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether nothing differs but times, tokens and counters; amounts of money are never such."""
    if len(before) != len(after):
        return False
    return all(one == other or _is_machine_step(one, other) for one, other in zip(before, after, strict=True))


def _is_machine_step(before: str, after: str) -> bool:
    if _has_value(before) or _has_value(after):
        return False
    clocks = compile_noise(_CLOCKS)
    before, after = clocks.without(before), clocks.without(after)
    ones, others = _WORD.findall(before), _WORD.findall(after)
    if len(ones) != len(others):
        return False
    pairs = [(one, other) for one, other in zip(ones, others, strict=True) if one != other]
    return all(_rises(one, other) or (is_token(one) and is_token(other)) for one, other in pairs)


def is_token(word: str) -> bool:
    """Whether a word looks as if a program had made it up."""
    digits = sum(map(str.isdigit, word))
    return len(word) >= 8 and (0 < digits < len(word) or not is_chosen(word)) and not word.isdigit()


def _differ_in_numbers(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the words are the same; what only stands in another order does not differ in numbers."""
    masked = ([_NUMBER.sub("#", text) for text in pieces] for pieces in (before, after))
    return next(masked) == next(masked) and sorted(before) != sorted(after)


def _rises(before: str, after: str) -> bool:
    """Whether both are whole numbers, and the second is no smaller."""
    numbers = [re.sub(r"[.,'\u2019]", "", word) for word in (before, after)]
    return all(map(str.isdecimal, numbers)) and int(numbers[0][:18]) <= int(numbers[1][:18])


def _has_value(text: str) -> bool:
    """Whether a text says how much something is: money, a share, a temperature."""
    if _MONEY.search(text) or "%" in text or "\N{DEGREE SIGN}" in text:
        return True
    return any(unicodedata.category(char) == "Sc" for char in text)


def _has_grown(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether new sentences stand before or behind at least half of what was there, in the same order."""
    had, has = set(before), set(after)
    if not any(len(piece.split()) >= _SENTENCE for piece in has - had):
        return False
    stayed = [piece for piece in before if piece in has]
    return 0 < len(before) <= 2 * len(stayed) and [piece for piece in after if piece in had] == stayed
