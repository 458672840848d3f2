"""What a receipt takes and gives, as plain values: they pass to another process and to the site."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.reading.receipts.receipt import ValueReceipt


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A stored body, and which record to look for in it."""

    url: str
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()
    agent: str
    collection: dict[str, Any]  # plain form, of the rule set that read it
    key: list[str]  # empty: the record is known by its position
    position: int = 0
    extractors: str = ""  # the folder of those in Python


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the archive says of a record."""

    values: list[ValueReceipt] = []
    read: dict[str, Any] | None = None  # the values of the record, as they are read now; None: not there
    problem: str = ""  # a sentence, when nothing can be said
