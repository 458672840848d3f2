"""The index of words in PostgreSQL: a ``tsvector`` for each page under a GIN index.

Words and their places are written as they are, without a parser or a dictionary of the server: so there is no
extension to install, and both databases find the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from catalog.search.documents import Document
from catalog.search.question import Matching, Newest, Question, Term

CREATE = (
    "CREATE TABLE catalog_indexedpage (id bigint NOT NULL PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX catalog_search ON catalog_indexedpage USING gin (words)",
)
DROP = ("DROP TABLE catalog_indexedpage",)

_PUT = """
INSERT INTO catalog_indexedpage (id, words)
SELECT id, %s::tsvector FROM catalog_page WHERE id = %s
ON CONFLICT (id) DO UPDATE SET words = excluded.words
"""  # no lock on the page: store takes those in another order. A row whose page has just gone is never shown
# PostgreSQL does not count what it costs to unpack a vector: it would rather go through all rows than ask the
# index, in the order of their ids (hence + 0) or of the table.
_BY_INDEX = "SET LOCAL enable_seqscan = off"
_NEWEST = "SELECT id FROM catalog_indexedpage WHERE words @@ %s::tsquery ORDER BY id + 0 DESC LIMIT %s"
_AMONG = "SELECT id FROM catalog_indexedpage WHERE id = ANY(%s) AND words @@ %s::tsquery ORDER BY id + 0 DESC"
_SCORES = """
SELECT id, ts_rank('{0, 0, 0.1, 0.8}', words, %s::tsquery, 1) FROM catalog_indexedpage WHERE id = ANY(%s)
"""  # weights of D, C, B and A: B is the text, A the title; 1: long texts have more words by chance
_UNPACKED = 5_000  # rows at most in which a phrase is looked for
# GIN gives all rows that match, in no order. So each row has marks of the blocks of ids in which it is, of
# 2^13 and of 2^17: what many pages have is found in the newest blocks, only what few have is asked of all.
_BLOCKS = (13, 17)
_LAST = "SELECT max(id) FROM catalog_indexedpage"
_GAP = 1  # places between title and text, so that no phrase goes from one to the other
_PLACES = 255  # of a word in a page that are counted; PostgreSQL keeps no more


class PostgresIndex:
    """See :class:`catalog.search.Index`."""

    def put(self, documents: Sequence[Document]) -> None:
        """In the order of their ids, so that two writers do not wait for each other."""
        rows = [(_vector(document), document.id) for document in sorted(documents)]
        with connection.cursor() as cursor:
            cursor.executemany(_PUT, rows)

    def forget(self, ids: Sequence[int]) -> None:
        """At once."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM catalog_indexedpage WHERE id = ANY(%s)", [list(ids)])

    def forget_all(self) -> None:
        """At once; who reads goes on meanwhile."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM catalog_indexedpage")

    def newest(self, matching: Matching, most: int) -> Newest:
        """By the index, which has no places of words: phrases are looked for in the rows that it names."""
        loose = _loosened(matching.question)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BY_INDEX)
            if loose == matching.question:
                return _newest(cursor, _matching(matching), most)
            near = _newest(cursor, _matching(matching._replace(question=loose)), _UNPACKED)
            cursor.execute(_AMONG, [near.ids, _query(matching.question)])
            ids = [pk for (pk,) in cursor.fetchall()]
            return Newest(ids[:most], near.whole and len(ids) <= most)

    def scores(self, question: Question, ids: Sequence[int]) -> dict[int, float]:
        """By how often the words are in a page, and where."""
        with connection.cursor() as cursor:
            cursor.execute(_SCORES, [_query(question), list(ids)])
            return dict(cursor.fetchall())


def _vector(document: Document) -> str:
    """A ``tsvector``. Words are letters and digits, so quotes hold them; marks have a sign before them."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, word in enumerate(document.title, 1):
        places[word].append(f"{place}A")
    for place, word in enumerate(document.text, len(document.title) + 1 + _GAP):
        places[word].append(f"{place}B")
    words = (f"'{word}':{','.join(of_word[:_PLACES])}" for word, of_word in places.items())
    blocks = (_block(bits, document.id >> bits) for bits in _BLOCKS)
    return " ".join([*words, *map(_mark, document.marks), *blocks])


def _loosened(question: Question) -> Question:
    """The question without phrases: it fits whatever the question fits, and GIN answers it alone."""
    apart = [
        Term((word,), term.begins and at == len(term.words))
        for term in question.wanted
        for at, word in enumerate(term.words, 1)
    ]
    return Question(tuple(apart), tuple(term for term in question.unwanted if len(term.words) == 1))


def _newest(cursor: Any, query: str, most: int) -> Newest:
    """The newest rows that a query fits: of the newest blocks, if these have as many, else of all."""
    cursor.execute(_LAST)
    last = cursor.fetchone()[0] or 0
    blocks = [f"({_block(bits, last >> bits)} | {_block(bits, (last >> bits) - 1)})" for bits in _BLOCKS]
    for part in (*(f"{query} & {two}" for two in blocks), query):
        cursor.execute(_NEWEST, [part, most + 1])
        ids = [pk for (pk,) in cursor.fetchall()]
        if len(ids) > most:
            return Newest(ids[:most], whole=False)
    return Newest(ids, whole=True)


def _matching(matching: Matching) -> str:
    """A ``tsquery`` for the question and the marks."""
    groups = [f"({' | '.join(map(_mark, group))})" for group in matching.marks]
    without = [f"!{_mark(mark)}" for mark in matching.without]
    return " & ".join([_query(matching.question), *groups, *without])


def _query(question: Question) -> str:
    """A ``tsquery``."""
    asked = [_phrase(term) for term in question.wanted]
    asked += [f"!{_phrase(term)}" for term in question.unwanted]
    return " & ".join(asked)


def _mark(mark: str) -> str:
    return f"'#{mark}'"


def _block(bits: int, number: int) -> str:
    return _mark(f"b{bits}n{number}")


def _phrase(term: Term) -> str:
    words = [f"'{word}'" for word in term.words]
    words[-1] += ":*" if term.begins else ""
    return f"({' <-> '.join(words)})"
