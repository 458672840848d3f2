"""Sources: kinds of documents that are no markup, each a module with the functions of :class:`Source`.

Packages of other people add theirs by an entry point of the group ``crawlbeat.sources``; these are asked
first. They read what the fetch stage takes (docs/outcomes.md says which types).
"""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from typing import cast

from crawler.plugs import load_plugged
from crawler.reading.document import Document
from crawler.reading.sources.source import Source

log = logging.getLogger(__name__)

GROUP = "crawlbeat.sources"
SOURCES = ("pdf", "sheets", "json", "csv")
"""The modules of this folder that are sources, in the order in which they are asked."""


def read_source(body: bytes, content_type: str) -> Document | None:
    """The document of a body that is no markup; None if it is of no kind that is known here.

    Raises:
        Unreadable: it is not what its type promises, or too much.
    """
    for source in _sources():
        if source.sniff(body, content_type) and (document := source.read(body, content_type)) is not None:
            return document
    return None


@cache
def _sources() -> tuple[Source, ...]:
    plugged = load_plugged(GROUP)
    if plugged:
        log.info("sources of other packages: %s", ", ".join(plugged))
    return (*plugged.values(), *(cast(Source, import_module(f"{__name__}.{name}")) for name in SOURCES))
