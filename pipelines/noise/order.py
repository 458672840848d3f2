"""What is compared, and what comes of it, as plain values: they pass to another process."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.reading.content.block_looks import PairLooks

OF_TEMPLATE = 5  # pairs of a run


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A stored version of a page."""

    url: str
    body: bytes
    content_type: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two versions of a page, one after the other."""

    before: Body
    after: Body


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs of versions of similar pages, and the selectors of the blocks that are known of them."""

    pairs: list[Pair]
    known: list[str]
    noise: list[str]  # lines of the seed: what is left out already
    collections: list[dict[str, Any]]  # plain form


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """Of each pair, in their order; None for one that cannot be read."""

    pairs: list[PairLooks | None]
