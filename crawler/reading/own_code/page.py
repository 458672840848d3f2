"""A page as an extractor gets it. What costs time is read when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from crawler.plugs import load
from crawler.reading.document import Document
from crawler.reading.encoding import decode
from crawler.reading.reader import read_document
from crawler.reading.structured.things import json_ld

if TYPE_CHECKING:
    import turbohtml
    from bs4 import BeautifulSoup


class PageOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A page to be read, as it passes to the process of an extractor."""

    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()  # names in lower case
    content_type: str = ""
    status: int = 200


class Page:
    """One page that was fetched."""

    def __init__(self, order: PageOrder) -> None:
        self.url = order.url
        self.status = order.status
        self.headers = {name.lower(): value for name, value in order.headers}
        self.body = order.body
        self.content_type = order.content_type or self.headers.get("content-type", "")

    @cached_property
    def html(self) -> str:
        """The body as text, in the page's encoding."""
        return decode(self.body, self.content_type)[0]

    @cached_property
    def document(self) -> Document:
        """The page as Crawlbeat itself reads it."""
        document = read_document(self.body, self.content_type, "")
        document.url = self.url
        return document

    @property
    def text(self) -> str:
        """What people read on the page."""
        return self.document.text

    @property
    def title(self) -> str:
        """The title of the page."""
        return self.document.title

    @property
    def tree(self) -> turbohtml.Document | None:
        """The tree of a page of HTML or XML (turbohtml); None of others."""
        return self.document.tree

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The page for BeautifulSoup."""
        soup: BeautifulSoup = load("bs4:BeautifulSoup")(self.html, "lxml")
        return soup

    @cached_property
    def json_ld(self) -> list[Any]:
        """The things that the page describes as JSON-LD."""
        return list(json_ld(self.document))

    @property
    def data(self) -> Any:
        """What a document that is no page holds: JSON, tables, feeds, sheets; else None."""
        return self.document.data

    @property
    def json(self) -> Any:
        """The value of a JSON document; None of others."""
        return self.document.data
