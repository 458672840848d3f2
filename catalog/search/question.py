"""What somebody looks for: words, "words together", -without, begin*. No text is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self

from catalog.search.words import Place, words

LONGEST = 500  # characters of a question that are read
MOST_TERMS = 20
SHORTEST_BEGINNING = 2  # letters before a star; one alone would be the beginning of too many words

_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<together>[^"]*)"?|(?P<word>[^\s"]+))')


class Term(NamedTuple):
    """Words that stand together; the last may be the beginning of a word only."""

    words: tuple[str, ...]
    begins: bool = False

    def ends_at(self, before: Sequence[Place]) -> bool:
        """Whether the last of some places that follow each other are this term."""
        if len(before) < len(self.words):
            return False
        *firsts, last = (before[at].word for at in range(-len(self.words), 0))
        fits = last.startswith(self.words[-1]) if self.begins else last == self.words[-1]
        return fits and tuple(firsts) == self.words[:-1]


class Question(NamedTuple):
    """All of ``wanted`` and none of ``unwanted``; without a wanted term it asks for nothing."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    @classmethod
    def of(cls, text: str) -> Self:
        """What a text asks for. What is in it beside words, quotes, minus and star is left out."""
        terms = list(_terms(text[:LONGEST]))[:MOST_TERMS]
        return cls(
            _once(term for minus, term in terms if not minus), _once(term for minus, term in terms if minus)
        )

    @property
    def is_empty(self) -> bool:
        return not self.wanted


class Newest(NamedTuple):
    """Ids of documents that match, largest first; ``whole``: there are no others."""

    ids: list[int]
    whole: bool


class Matching(NamedTuple):
    """Which documents are looked for: those that a question fits and that have one mark of each group, and
    none of some others."""

    question: Question
    marks: Sequence[Sequence[str]] = ()
    without: Sequence[str] = ()


def _terms(text: str) -> Iterator[tuple[bool, Term]]:
    for match in _TERM.finditer(text):
        written = match["together"] if match["word"] is None else match["word"]
        if together := words(written):
            star = match["word"] is not None and written.endswith("*")
            begins = star and len(together[-1]) >= SHORTEST_BEGINNING
            yield bool(match["minus"]), Term(tuple(together), begins)


def _once(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(terms))
