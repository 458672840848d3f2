"""The difference of two folded texts by words, and of two sources by lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.reading.difference.passages import Difference, Limits, Sequences, Text, difference

WORDS, LINES = 100_000, 50_000  # that are compared; the rest of a longer text is left out
BY_WORDS = Limits(context=12, run=300, most=6_000)
BY_LINES = Limits(context=3, run=100, most=600)
LONG_LINE = 200  # characters; longer ones are broken at tags, statements and clauses
_BREAK = re.compile(r"(?<=>)(?!$)|(?<=\S)(?=<)|(?<=[;{}])(?!$)|(?<=[.,:!?]) ")
# Chinese and Japanese (a character each) and Thai (with its marks) write no spaces between words.
_SPACELESS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(
    rf"[{_SPACELESS}]|[\u0e01-\u0e3a\u0e40-\u0e46][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*|[^\s{_SPACELESS}\u0e00-\u0e7f]+|\S"
)


def words_difference(before: str, after: str) -> Difference:
    """Of two texts with single spaces, as versions have them."""
    here, there = _words(before), _words(after)
    cut = len(here) > WORDS or len(there) > WORDS
    both = Sequences(_groups(here), _groups(there), _text_of(before, here), _text_of(after, there))
    return difference(both, BY_WORDS, cut=cut)


def _words(text: str) -> list[re.Match[str]]:
    matches = _WORD.finditer(text)
    return [match for match, _ in zip(matches, range(WORDS + 1), strict=False)]


def _groups(words: Sequence[re.Match[str]]) -> list[str]:
    return [word.group() for word in words[:WORDS]]


def _text_of(text: str, words: Sequence[re.Match[str]]) -> Text:
    def part(start: int, end: int) -> str:
        """With the space behind it."""
        if start == end:
            return ""
        return text[words[start].start() : words[end].start() if end < len(words) else len(text)]

    return part


def lines_difference(before: str, after: str) -> Difference:
    """Of two sources; long lines are broken where their parts end."""
    here, there = _lines(before), _lines(after)
    cut = len(here) > LINES or len(there) > LINES
    here, there = here[:LINES], there[:LINES]
    both = Sequences(here, there, _lines_of(here), _lines_of(there))
    return difference(both, BY_LINES, cut=cut)


def _lines(source: str) -> list[str]:
    lines: list[str] = []
    for line in source.splitlines():
        lines += _BREAK.split(line) if len(line) > LONG_LINE else [line]
        if len(lines) > LINES:
            break
    return lines


def _lines_of(lines: Sequence[str]) -> Text:
    return lambda start, end: "\n".join(lines[start:end])
