"""Collections that could be taken of a document as it is: nobody has to write a rule for them.

Read from what a page says to machines (JSON-LD, microdata, OpenGraph), from data of scripts and documents,
from tables, and from blocks that repeat. Pure: what is offered depends on the document alone.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from crawler.reading.document import Document
from crawler.reading.offers.blocks import block_offers
from crawler.reading.offers.data import data_offers
from crawler.reading.offers.details import details_offers
from crawler.reading.offers.json_ld import json_ld_offers
from crawler.reading.offers.microdata import microdata_offers
from crawler.reading.offers.offer import Offer
from crawler.reading.offers.open_graph import open_graph_offers
from crawler.reading.offers.tables import table_offers

__all__ = ["Offer", "offer"]

MOST = 8  # offers

_SOURCES: tuple[Callable[[Document], list[Offer]], ...] = (
    json_ld_offers,
    microdata_offers,
    data_offers,
    block_offers,
    table_offers,
    details_offers,
    open_graph_offers,
)


def offer(document: Document) -> list[Offer]:
    """The collections that could be taken of a document, the best first; each has a name of its own."""
    offers = [each for source in _SOURCES for each in source(document)]
    offers.sort(key=lambda each: each.worth, reverse=True)
    return _named_apart(offers[:MOST])


def _named_apart(offers: list[Offer]) -> list[Offer]:
    names: dict[str, int] = {}
    apart = []
    for each in offers:
        count = names[each.name] = names.get(each.name, 0) + 1
        name = each.name if count == 1 else f"{each.name}_{count}"
        collection = msgspec.structs.replace(each.collection, name=name)
        apart.append(msgspec.structs.replace(each, name=name, collection=collection))
    return apart
