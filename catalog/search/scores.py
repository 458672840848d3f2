"""How well a document fits a question, by its words alone: Okapi BM25 without the rarity of words.

Every document that is ranked has all words that were looked for, so rarity would only say which of them
counts more; to know it, an index goes through all of its rows.
"""

from __future__ import annotations

from catalog.search.question import Question, Term

_TITLE = 8  # times that a word counts in a title
_SATURATION, _OF_LENGTH = 1.2, 0.75  # k1 and b of BM25
_USUAL = 3_000  # bytes of a text that is neither long nor short


class Scorer:
    """Scores of documents, which are given as bytes: words in UTF-8, parted by spaces."""

    def __init__(self, question: Question) -> None:
        self._wanted = [_bytes(term) for term in question.wanted]

    def __call__(self, title: bytes, text: bytes) -> float:
        """Larger is better; at most the number of terms."""
        title, text = b" %b " % title, b" %b " % text
        usual = _SATURATION * (1 - _OF_LENGTH + _OF_LENGTH * len(text) / _USUAL)
        counts = (_TITLE * title.count(term) + text.count(term) for term in self._wanted)
        return sum(count / (count + usual) for count in counts)


def _bytes(term: Term) -> bytes:
    """What stands in a document that has a term."""
    return f" {' '.join(term.words)}{'' if term.begins else ' '}".encode()
