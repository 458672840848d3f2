"""What a rule costs: microseconds of CPU a page, by its kind, over the pages of all sites and designs."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.extract.reading import document_of, reader_of
from crawler.collections import Collection, Field, Rule
from crawler.reading.document import Document
from tests.fakeweb.sites import DESIGNS, FactSite

FIRST_MATCH = Rule("css", "h1::text")
PAGES = 10  # of each site and design
MICROSECONDS = 1e6

Page = tuple[str, bytes, str]
"""URL, body and content type."""


def cost_by_kind(sites: Sequence[FactSite[Any]], rounds: int) -> dict[str, list[float]]:
    """The cost of every rule of the sites' own pages, by kind; and that of reading a page's document.

    ``reading`` is the document, ``first match`` the plainest rule on the same pages.
    """
    costs: dict[str, list[float]] = defaultdict(list)
    for site in sites:
        for design in DESIGNS:
            pages = _pages(site, design)
            costs["reading"].append(_reading(pages))
            costs["first match"].append(_reading_by(_alone(FIRST_MATCH), pages, rounds))
            for collection in map(Collection.of, site.collections(design)):
                if collection.items is None:
                    for field in collection.fields:
                        kind = field.rules[0].kind
                        costs[kind].append(_reading_by(_alone(field.rules[0]), pages, rounds))
    return dict(costs)


def _pages(site: FactSite[Any], design: str) -> list[Page]:
    paths = [path for path in site.paths(0) if path.startswith("/item/")][:PAGES]
    replies = [(path, site.page(path, 0, design)) for path in paths]
    return [(site.base + path, body, headers["Content-Type"]) for path, (_, headers, body) in replies]


def _alone(rule: Rule) -> Collection:
    return Collection(name="alone", fields=(Field(name="value", rules=(rule,)),))


def _documents(pages: Sequence[Page]) -> list[tuple[Document, str]]:
    return [(document_of(body, media_type), url) for url, body, media_type in pages]


def _reading(pages: Sequence[Page]) -> float:
    _documents(pages)
    began = time.process_time()
    _documents(pages)
    return (time.process_time() - began) / len(pages) * MICROSECONDS


def _reading_by(collection: Collection, pages: Sequence[Page], rounds: int) -> float:
    """Fresh documents each round, so that nothing is kept from the one before. The first is to warm up; the
    median of the others counts."""
    read = reader_of([collection])
    seconds = []
    for _ in range(rounds + 1):
        documents = _documents(pages)
        began = time.process_time()
        for document, url in documents:
            read(document, url)
        seconds.append(time.process_time() - began)
    return median(seconds[1:]) / len(pages) * MICROSECONDS
