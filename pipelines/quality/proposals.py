"""What a repair takes and gives, as plain values: they pass to another process and to the site."""

from __future__ import annotations

from typing import Any

import msgspec

SHOWN = 300  # characters of a value


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A stored version of a page."""

    url: str
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    values: list[dict[str, Any]] = []  # of an old version: of the records that were read of it


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A collection to be repaired, with good versions of pages, and their new ones."""

    collection: dict[str, Any]  # plain form
    old: list[Body]
    new: list[Body]


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that could be taken."""

    rule: str  # in words: its kind and itself
    steps: str  # the clean-up steps, as they are written
    right: int
    of: int
    sentences: list[str]
    samples: list[list[str]]  # page, value before, value after
    plain: dict[str, Any]  # the field, or for items the rule


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A field, or with an empty name the rule of items, and what could be there instead, best first."""

    name: str
    before: str
    proposed: list[Proposed]


class Proposals(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an order."""

    collection: dict[str, Any]  # as it is now
    broken: list[Broken] = []
    pages: int = 0  # that were compared
    problem: str = ""  # a sentence, when nothing could be done
