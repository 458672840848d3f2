"""The process in which stored pages are read once more, all their records at once; as :mod:`.child`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from crawler.collections import Collection
from crawler.reading.extractor import compile_collections
from crawler.reading.own_code import names
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord
from crawler.reading.sources.source import Unreadable
from pipelines.killable import ChildKilled, answer_order, in_child
from pipelines.receipts.order import Order


class Pages(msgspec.Struct, frozen=True):
    """Stored pages, and by each the key and the position of the records that are wanted."""

    pages: list[tuple[Order, list[tuple[list[str], int]]]]


class Values(msgspec.Struct, frozen=True):
    """By page: the values of the records that were wanted, None: not there; or a sentence, why none is."""

    pages: list[list[dict[str, Any] | None] | str]


def derive_in_child(pages: Pages) -> Values:
    """The values of records; if the process is killed, the pages are read one by one."""
    try:
        return in_child(__name__, pages, Values)
    except ChildKilled as error:
        if len(pages.pages) == 1:
            return Values([f"The stored page could not be read: {error}."])
        parts = [derive_in_child(Pages([page])) for page in pages.pages]
        return Values([values for part in parts for values in part.pages])


def derive(pages: Pages) -> Values:
    """Read each page by its rules."""
    return Values([_of_page(order, wanted) for order, wanted in pages.pages])


def _of_page(order: Order, wanted: list[tuple[list[str], int]]) -> list[dict[str, Any] | None] | str:
    names.look_in(Path(order.extractors))
    try:
        document = read_document(order.body, order.content_type, order.agent)
    except Unreadable as error:
        return f"The stored page cannot be read: {error}."
    document.url, document.headers = order.url, order.headers
    records = compile_collections((Collection.of(order.collection),)).read(document)
    by_name = {_name(record): record.values for record in records}
    return [by_name.get((tuple(key), 0 if key else position)) for key, position in wanted]


def _name(record: ReadRecord) -> tuple[tuple[str, ...], int]:
    return (record.key, 0) if record.key else ((), record.position)


if __name__ == "__main__":
    answer_order(Pages, derive)
