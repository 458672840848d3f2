"""What pointing takes and gives, as plain values: they pass to another process and to the site."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.reading.pointing.pointing import Pointing
from pipelines.trying.trial import CollectionShown


class KeptBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a tried page, as the result of its task keeps it."""

    url: str
    content_type: str
    packed: str  # zlib, base64


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did: the collection so far, the element at which they point."""

    collection: dict[str, Any] | None = None  # its plain form
    at: int | None = None  # the number of an element, in document order
    fill: bool = False  # with the fields that most items have


class PointingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A body to point at, and those of stored pages of the same kind, each with its content type."""

    url: str
    body: bytes
    content_type: str
    steps: Steps
    stored: list[tuple[bytes, str]]


class Pointed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: what can be chosen, and the values of the collection so far."""

    pointing: Pointing
    shown: CollectionShown | None = None
