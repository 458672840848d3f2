"""The index of words: which pages have which words in their title and text.

One small interface with two implementations, one for each database. A document is known by its page's id and
has marks beside its words, by which whole seeds and hosts are chosen inside the index. What changes the index
takes part in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.db import connection

from catalog.search import postgresql, sqlite
from catalog.search.documents import Document
from catalog.search.question import Matching, Newest, Question

__all__ = ["Document", "Index", "Matching", "Newest", "Question", "index"]


class Index(Protocol):
    """What an implementation does; it may be given any text."""

    def put(self, documents: Sequence[Document]) -> None:
        """Have these documents found as they are now; a document whose page is not there is left out or not
        shown."""

    def forget(self, ids: Sequence[int]) -> None:
        """Have these found no more; no error for what is not there. Call it after their pages are deleted."""

    def forget_all(self) -> None:
        """Have nothing found."""

    def newest(self, matching: Matching, most: int) -> Newest:
        """The so many documents with the largest ids that match.

        The question must not be empty. An index may look for words that stand together in the newest only
        of the documents that have them all; what it finds is not the whole then.
        """

    def scores(self, question: Question, ids: Sequence[int]) -> dict[int, float]:
        """How well documents that match fit a question, larger is better; a title counts more than a text."""


def index() -> Index:
    """The index in the database that is used."""
    return postgresql.PostgresIndex() if connection.vendor == "postgresql" else sqlite.SqliteIndex()
