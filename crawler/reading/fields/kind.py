"""What a kind of field rule is: a module of this folder with the two functions of :class:`FieldKind`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from crawler.reading.document import Document

FieldValue = str | None
"""Folded text (:func:`crawler.reading.text.fold`), or None where the document has no such thing."""

FieldReader = Callable[[Document], FieldValue]
"""A compiled rule. It reads documents of every kind, also those without a tree."""


class FieldKind(Protocol):
    """A kind of rule. Rules are data that people write: reading by one runs no code of theirs."""

    def check(self, rule: str) -> None:
        """ValueError with a sentence for people if the rule cannot be used."""

    def compile(self, rule: str) -> FieldReader:
        """The reader of this rule; ValueError as in :meth:`check`."""
