"""A document of the index of words: a page's title, text and marks."""

from __future__ import annotations

from typing import NamedTuple, Self

from catalog.search.words import MOST_WORDS, words


class Document(NamedTuple):
    """What is kept of a page; marks are texts of ASCII letters and digits."""

    id: int
    title: tuple[str, ...]
    text: tuple[str, ...]
    marks: tuple[str, ...]

    @classmethod
    def of(cls, pk: int, title: str, text: str, marks: tuple[str, ...]) -> Self:
        """The document of a page; of title and text together so many words as an index counts."""
        of_title = tuple(words(title))
        return cls(pk, of_title, tuple(words(text)[: MOST_WORDS - len(of_title)]), marks)


def of_seed(pk: int) -> str:
    """The mark of a seed's pages."""
    return f"s{pk}"


def of_host(pk: int) -> str:
    """The mark of a host's pages."""
    return f"h{pk}"
