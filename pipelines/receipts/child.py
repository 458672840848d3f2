"""The process in which a stored body is read once more: it has limits, and may be killed."""

from __future__ import annotations

from pathlib import Path

from crawler.collections import Collection
from crawler.reading.own_code import names
from crawler.reading.receipts.receipt import Reader
from crawler.reading.record import ReadRecord
from crawler.reading.sources.source import Unreadable
from pipelines.killable import ChildKilled, answer_order, in_child
from pipelines.receipts.order import Order, Receipt


def read_in_child(order: Order) -> Receipt:
    """The receipt of a record; with a problem if the body cannot be read within the limits."""
    try:
        return in_child(__name__, order, Receipt)
    except ChildKilled as error:
        return Receipt(problem=f"The stored page could not be read: {error}.")


def read(order: Order) -> Receipt:
    """Find the record in the body, and say where its values stand."""
    try:
        reader = Reader(order.body, order.content_type, order.agent)
    except Unreadable as error:
        return Receipt(problem=f"The stored page cannot be read: {error}.")
    reader.document.url, reader.document.headers = order.url, order.headers
    collection = Collection.of(order.collection)
    records = reader.records(collection)
    record = next((each for each in records if _is_ordered(each, order)), None)
    if record is None:
        return Receipt()
    return Receipt(values=reader.values(collection, record.position), read=record.values)


def _is_ordered(record: ReadRecord, order: Order) -> bool:
    if order.key:
        return list(record.key or ()) == order.key
    return not record.key and record.position == order.position


def _read(order: Order) -> Receipt:
    names.look_in(Path(order.extractors))
    return read(order)


if __name__ == "__main__":
    answer_order(Order, _read)
