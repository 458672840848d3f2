"""Receipts for the site: a worker reads the archive, and the result of its task is the answer."""

from __future__ import annotations

import msgspec

from catalog.models import Record, RecordVersion
from pipelines.receipts.order import Receipt
from scheduler import dispatch, results

__all__ = ["Receipt", "answer", "ask"]


def ask(record: Record, earlier: RecordVersion | None = None) -> str | None:
    """Have a worker look up the receipt of a record's values; its key, or None when Redis is away."""
    return dispatch.look_up_receipt(record.pk, earlier.pk if earlier else None)


def answer(record: Record, key: str) -> tuple[Receipt, RecordVersion | None] | None:
    """The receipt, and the earlier values that it is of; None while there is none.

    Raises:
        LookupError: the worker failed, or was asked for another record; with a sentence.
    """
    try:
        result = results.result_of(key, "look_up_receipt")
    except LookupError as error:
        raise LookupError(
            "The page could not be looked up, by a fault of ours: the worker's log says which."
        ) from error
    if result is None:
        return None
    if result["record"] != record.pk:
        raise LookupError("This receipt is of another record.")
    earlier = record.earlier.filter(pk=result["earlier"]).first() if result["earlier"] else None
    return msgspec.convert(result["receipt"], Receipt), earlier
