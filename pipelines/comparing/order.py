"""What is compared and what comes of it, as plain values: they pass to another process and to the site."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.reading.difference.passages import Difference


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A stored version of a page."""

    body: bytes
    content_type: str
    headers: list[tuple[str, str]] = []  # where rules ask for them; names in lower case


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Two versions, and the lines that say what is noise (:mod:`crawler.reading.content.noise`)."""

    before: Body
    after: Body
    noise: list[str]


class WithoutNoise(msgspec.Struct, frozen=True, kw_only=True):
    """How the texts and titles of two versions differ without noise."""

    text: Difference | None = None
    title: Difference | None = None
    problem: str = ""  # a sentence, when nothing can be said


class Pair(Order, frozen=True, kw_only=True):
    """Two versions of one page."""

    url: str


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """Pages of a seed, with its rules and what makes a version of them."""

    pairs: list[Pair]
    collections: list[dict[str, Any]]  # plain form
    ignored: list[str]  # parameters of links
    change_means: str


class Same(msgspec.Struct, frozen=True, kw_only=True):
    """Of each pair, in their order, whether it has the same content."""

    same: list[bool]
