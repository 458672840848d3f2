"""The words of a text, as the index has them: one way for both databases, so that they find the same.

Letters are compared without case and without the accents of Latin, Greek and Cyrillic. Everything that is no
letter, digit or mark (Unicode's categories L, N and M) parts words. Scripts that are written without spaces
have a word for each character, and several together are looked for as a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from unicodedata import category, normalize

MOST_CHARACTERS = 100_000  # of a text that are looked at
MOST_WORDS = 16_000  # of a text that are kept; PostgreSQL counts the places of words up to 16,383
LONGEST = 64  # characters of a word that are kept
_KEPT_FOLDS = 20_000  # characters whose folding is remembered; a language needs some thousands at most
_ACCENTS = range(0x300, 0x370)  # combining marks of Latin, Greek and Cyrillic

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"[{_UNSPACED}]|[^ {_UNSPACED}]+")


class Place(NamedTuple):
    """A word of a text, and where it begins and ends there."""

    word: str
    begin: int
    end: int


def words(text: str) -> list[str]:
    """The words of a text in their order, at most :data:`MOST_WORDS`."""
    folded = fold(plain(text))
    if _HAS_UNSPACED.search(folded):
        return [match[0][:LONGEST] for match in islice(_WORD.finditer(folded), MOST_WORDS)]
    return [word[:LONGEST] for word in folded.split(" ") if word][:MOST_WORDS]


def places(text: str, begin: int = 0) -> Iterator[Place]:
    """The words of a text that is :func:`plain`, with their places, from where one begins."""
    for match in islice(_WORD.finditer(fold(text), begin), MOST_WORDS):
        yield Place(match[0][:LONGEST], *match.span())


def plain(text: str) -> str:
    """A text with one spelling for each letter (NFC), and no longer than what is looked at."""
    return normalize("NFC", text[:MOST_CHARACTERS])[:MOST_CHARACTERS]


def fold(text: str) -> str:
    """A text as its words are compared: a character for each, a space for what parts words."""
    return text.translate(_FOLDS)


class _Folds(dict[int, str]):
    """Characters by code, folded when they are met first."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if len(self) < _KEPT_FOLDS:
            self[code] = folded
        return folded


_FOLDS = _Folds()


def _folded(character: str) -> str:
    if category(character)[0] not in "LNM":
        return " "
    letters = [part for part in normalize("NFKD", character) if ord(part) not in _ACCENTS]
    base = "".join(letters).casefold()
    return base if len(base) == 1 and category(base)[0] in "LNM" else character
