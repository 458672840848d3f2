"""A kind of rule: a module of this folder with ``check`` and ``compile``; and what compiled rules read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

from crawler.reading.document import Document
from crawler.reading.record import Value

MAX_MATCHES = 10_000  # of one rule in one place; further ones are ignored

T = TypeVar("T")


class Place(NamedTuple):
    """Where a rule looks: a document, or a part of it, which is one item."""

    document: Document
    part: Any = None  # an element of the tree or a value of JSON; None: the whole document


class Origin(NamedTuple):
    """A value, and where it is written: in an attribute of an element, or (empty) in the element."""

    value: Value
    element: Any  # of the tree
    attribute: str = ""


class RuleReader(Protocol):
    """A compiled rule. It reads documents of every kind, also those without a tree."""

    def first(self, place: Place) -> Value | None:
        """The first value in document order: folded text, or a value of JSON. None if nothing matches."""

    def all(self, place: Place) -> Sequence[Value]:
        """All values in document order, at most :data:`MAX_MATCHES`."""


class ItemReader(RuleReader, Protocol):
    """A compiled rule that can also say where items are."""

    def items(self, place: Place) -> Sequence[Place]:
        """The items in document order, at most :data:`MAX_MATCHES`."""


@runtime_checkable
class LocatingReader(Protocol):
    """A compiled rule that can also say where its values are written."""

    def origins(self, place: Place) -> Iterable[Origin]:
        """The values of elements and their attributes, each with its place; not always in document order."""


class FieldKind(Protocol):
    """A kind of rule. Rules are data that people write: reading by one runs no code of theirs."""

    def check(self, rule: str) -> None:
        """ValueError with a sentence for people if the rule cannot be used."""

    def compile(self, rule: str) -> RuleReader:
        """The reader of this rule; ValueError as in :meth:`check`."""


class ReadsAll:
    """The first value of a reader that has ``all``."""

    def first(self, place: Place) -> Value | None:
        values = self.all(place)
        return values[0] if values else None

    def all(self, place: Place) -> Sequence[Value]:
        raise NotImplementedError


def bounded(matches: Iterable[T]) -> list[T]:
    """The first matches."""
    return list(islice(matches, MAX_MATCHES))
