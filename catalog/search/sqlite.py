"""The index of words in SQLite: FTS5 without its texts.

FTS5 forgets a row of such a table only if it is told again what it had been given; releases before 3.43 know
no other way. So the words of each page are kept beside it, compressed, in half of the room that FTS5 takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import zstandard
from django.db import connection

from catalog.search.documents import Document
from catalog.search.question import Matching, Newest, Question, Term
from catalog.search.scores import Scorer

CREATE = (
    "CREATE TABLE catalog_indexedpage (id INTEGER NOT NULL PRIMARY KEY, words BLOB NOT NULL)",
    "CREATE VIRTUAL TABLE catalog_search USING fts5(title, text, marks, content='', tokenize='ascii')",
)
"""``ascii`` parts at spaces and leaves all other letters alone: words come as they are to be compared."""
DROP = ("DROP TABLE catalog_search", "DROP TABLE catalog_indexedpage")

_PUT = "INSERT INTO catalog_search (rowid, title, text, marks) VALUES (%s, %s, %s, %s)"
_FORGET = (
    "INSERT INTO catalog_search (catalog_search, rowid, title, text, marks) VALUES ('delete', %s, %s, %s, %s)"
)
_KEEP = "INSERT INTO catalog_indexedpage (id, words) VALUES (%s, %s)"
_NEWEST = "SELECT rowid FROM catalog_search WHERE catalog_search MATCH %s ORDER BY rowid DESC LIMIT %s"
_KEPT = "SELECT id, words FROM catalog_indexedpage WHERE id IN (SELECT value FROM json_each(%s))"
_LEVEL = 3  # of zstd


class SqliteIndex:
    """See :class:`catalog.search.Index`."""

    def put(self, documents: Sequence[Document]) -> None:
        """SQLite has one writer, so no page is deleted meanwhile."""
        self.forget([document.id for document in documents])
        pack = zstandard.ZstdCompressor(level=_LEVEL).compress
        columns = [(document.id, _columns(document)) for document in documents]
        with connection.cursor() as cursor:
            cursor.executemany(_PUT, [(pk, *texts) for pk, texts in columns])
            cursor.executemany(_KEEP, [(pk, pack("\n".join(texts).encode())) for pk, texts in columns])

    def forget(self, ids: Sequence[int]) -> None:
        """By the words that were kept."""
        unpack = zstandard.ZstdDecompressor().decompress
        with connection.cursor() as cursor:
            cursor.execute(_KEPT, [json.dumps(list(ids))])
            kept = [(pk, *unpack(packed).decode().split("\n")) for pk, packed in cursor.fetchall()]
            cursor.executemany(_FORGET, kept)
            cursor.executemany("DELETE FROM catalog_indexedpage WHERE id = %s", [(pk,) for pk, *_ in kept])

    def forget_all(self) -> None:
        """At once."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO catalog_search (catalog_search) VALUES ('delete-all')")
            cursor.execute("DELETE FROM catalog_indexedpage")

    def newest(self, matching: Matching, most: int) -> Newest:
        """FTS5 goes through its rows from the last to the first, and stops."""
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST, [_match(matching), most + 1])
            ids = [pk for (pk,) in cursor.fetchall()]
            return Newest(ids[:most], len(ids) <= most)

    def scores(self, question: Question, ids: Sequence[int]) -> dict[int, float]:
        """By the words that were kept. FTS5's own ``bm25()`` first counts all rows that match, and takes ids
        only from one to another, with all that lie between."""
        unpack, score = zstandard.ZstdDecompressor().decompress, Scorer(question)
        with connection.cursor() as cursor:
            cursor.execute(_KEPT, [json.dumps(list(ids))])
            return {pk: score(*unpack(packed).split(b"\n")[:2]) for pk, packed in cursor}


def _columns(document: Document) -> tuple[str, str, str]:
    return " ".join(document.title), " ".join(document.text), " ".join(document.marks)


def _match(matching: Matching) -> str:
    """An expression of FTS5. Words are letters and digits only, so quotes hold them."""
    question = matching.question
    asked = " AND ".join(map(_phrase, question.wanted))
    if question.unwanted:
        asked = f"({asked}) NOT ({' OR '.join(map(_phrase, question.unwanted))})"
    marked = " AND ".join([f"({{title text}} : ({asked}))", *map(_any_mark, matching.marks)])
    return f"({marked}) NOT {_any_mark(matching.without)}" if matching.without else marked


def _any_mark(marks: Iterable[str]) -> str:
    either = " OR ".join(f'"{mark}"' for mark in marks)
    return f"(marks : ({either}))"


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.begins else ""}'
