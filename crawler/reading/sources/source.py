"""What a source is: a module of this folder, or of a package of somebody else's, with these two functions."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from crawler.reading.document import Document


class Unreadable(Exception):
    """A body is not what its type promises, or is too much; the message is a sentence for people."""


class Source(Protocol):
    """A kind of document that is no markup. ``content_type`` is the header as the fetch stage keeps it."""

    def sniff(self, body: bytes, content_type: str) -> bool:
        """Whether the body may be of this kind, by its type or by its first bytes. Called for every page."""

    def read(self, body: bytes, content_type: str) -> Document | None:
        """The document; None if only its first bytes looked like this kind.

        Raises:
            Unreadable: the type, or a signature, says that it is of this kind, and it cannot be read.
        """


@lru_cache(maxsize=512)
def media_type_of(content_type: str) -> str:
    """The type alone, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_undecided(content_type: str) -> bool:
    """Whether a type says nothing of the bytes, so that they decide: those of files to be saved, or none."""
    return media_type_of(content_type) in _UNDECIDED


_UNDECIDED = frozenset(
    ("", "application/octet-stream", "binary/octet-stream", "application/download", "application/x-download")
    + ("application/force-download", "application/vnd.ms-excel", "application/zip")
    + ("application/x-zip-compressed",)
)
