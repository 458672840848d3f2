"""The part of a text that shows the words that were looked for, cut into pieces: plain texts, no markup."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from catalog.search.question import Question
from catalog.search.words import Place, fold, places, plain

BEFORE, LENGTH = 80, 260  # characters before the first word that was looked for, and in all
_EDGE = 20  # characters that are left out so that a snippet begins and ends with a whole word
MORE = "…"


class Piece(NamedTuple):
    """A part of a text, and whether it is what was looked for."""

    text: str
    matched: bool


def marked(text: str, question: Question, most: int = 300) -> tuple[Piece, ...]:
    """A short text as a whole."""
    text = plain(text)
    return _pieces(text, question, 0, min(len(text), most))


def snippet(text: str, question: Question) -> tuple[Piece, ...]:
    """The surroundings of the first place with a wanted word; if there is none, the beginning."""
    text = plain(text)
    first = next(_matched(text, question, _earliest(text, question)), (0, 0))[0]
    begin = _word_after(text, max(0, first - BEFORE)) if first > BEFORE else 0
    end = begin + LENGTH
    end = _word_before(text, end) if end < len(text) else len(text)
    return _pieces(text, question, begin, end)


def _word_after(text: str, at: int) -> int:
    space = text.find(" ", at, at + _EDGE)
    return space + 1 if space >= 0 else at


def _word_before(text: str, at: int) -> int:
    space = text.rfind(" ", at - _EDGE, at)
    return space if space >= 0 else at


def _earliest(text: str, question: Question) -> int:
    """A place before which no wanted word is; where a word begins."""
    folded = fold(text)
    found = [at for term in question.wanted if (at := folded.find(term.words[0])) >= 0]
    return folded.rfind(" ", 0, min(found)) + 1 if found else len(text)


def _matched(text: str, question: Question, begin: int) -> Iterator[tuple[int, int]]:
    """Where wanted terms begin and end, in the order of their ends."""
    before: deque[Place] = deque(maxlen=max((len(term.words) for term in question.wanted), default=1))
    for place in places(text, begin):
        before.append(place)
        for term in question.wanted:
            if term.ends_at(before):
                yield before[-len(term.words)].begin, place.end
                break


def _pieces(text: str, question: Question, begin: int, end: int) -> tuple[Piece, ...]:
    part, at, pieces = text[begin:end], 0, [Piece(MORE, False)] if begin else []
    for first, last in _matched(part, question, 0):
        if first >= at:
            pieces += [Piece(part[at:first], False), Piece(part[first:last], True)]
            at = last
    pieces += [Piece(part[at:], False), Piece(MORE if end < len(text) else "", False)]
    return tuple(piece for piece in pieces if piece.text)
