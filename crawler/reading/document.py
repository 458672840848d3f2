"""What a body says: text, title, links, and its words to robots. No link is resolved or checked yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import turbohtml


MAX_LINKS = 50_000  # of one document; further ones are ignored
MAX_TITLE = 1000  # characters


@dataclass(slots=True)
class Document:
    """A body that was read (by :mod:`crawler.reading.reader`); what it does not say is empty."""

    encoding: str  # its WHATWG name
    text: str = ""  # what people read, folded
    tree: turbohtml.Document | None = None  # what field rules look at
    data: Any = None  # what JSON can hold: of JSON, tables, feeds and PDF (crawler.reading.sources)
    link_encoding: str = "utf-8"  # of the queries in its links
    title: str = ""
    base: str = ""  # what its links are resolved against, as written
    declared_canonical: str = ""  # as written
    refresh: str = ""  # the content of its first meta element that refreshes
    meta_robots: list[str] = field(default_factory=list)  # what its meta elements say to us
    hrefs: dict[str, None] = field(default_factory=dict)  # distinct, in document order
    nofollow_hrefs: dict[str, None] = field(default_factory=dict)  # those of links with rel=nofollow
    url: str = ""  # where it was found; set by who knows it, for the rules that ask
    headers: Sequence[tuple[str, str]] = ()  # of the response, names in lower case; set as the URL is
    body: bytes = b""  # as it was answered, and its status; set as the URL is
    status: int = 200
    derived: dict[str, Any] = field(default_factory=dict)  # what rules read of the whole, to read it once

    def add_links(self, hrefs: Iterable[str | None], *, nofollow: bool = False) -> None:
        """Add the targets of links, without those on the same page. None is a link without one."""
        links = self.nofollow_hrefs if nofollow else self.hrefs
        links.update(dict.fromkeys([href for href in hrefs if href is not None and href[:1] != "#"]))
        while len(links) > MAX_LINKS:
            links.popitem()
