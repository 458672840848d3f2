"""The process in which a page is read that somebody points at, as that of a try."""

from __future__ import annotations

import msgspec

from crawler.collections import Collection
from crawler.reading.document import Document
from crawler.reading.pointing.point import point
from crawler.reading.pointing.pointing import Pointing
from crawler.reading.reader import read_document
from crawler.reading.sources.source import Unreadable
from pipelines.killable import ChildKilled, answer_order, in_child
from pipelines.trying.pointed import Pointed, PointingOrder
from pipelines.trying.rules import read_collections


def point_in_child(order: PointingOrder) -> Pointed:
    """What can be chosen; of a page that cannot be read within the limits, the reason."""
    try:
        return in_child(__name__, order, Pointed)
    except ChildKilled as error:
        return Pointed(
            pointing=Pointing(problem=f"This page cannot be shown: it could not be read: {error}.")
        )


def read(order: PointingOrder) -> Pointed:
    """Read the pages, and see what can be chosen."""
    try:
        document = _document(order.body, order.content_type)
    except Unreadable as error:
        return Pointed(pointing=Pointing(problem=f"This page cannot be shown: {error}"))
    document.url = order.url
    plain = order.steps.collection
    pointing = point(
        document,
        Collection.of(plain) if plain else None,
        order.steps.at,
        stored=[_document(*each) for each in order.stored],
        fill=order.steps.fill,
    )
    if pointing.collection is None or not pointing.collection["fields"]:
        return Pointed(pointing=pointing)
    try:
        (shown,) = read_collections(document, [Collection.of(pointing.collection)])
    except ValueError as error:
        return Pointed(pointing=msgspec.structs.replace(pointing, problem=str(error)))
    return Pointed(pointing=pointing, shown=shown)


def _document(body: bytes, content_type: str) -> Document:
    return read_document(body, content_type, "robots")


if __name__ == "__main__":
    answer_order(PointingOrder, read)
