"""What a forecast has seen so far. Plain values: it is kept between two slices of the work."""

from __future__ import annotations

import msgspec

MOST_REQUESTS = 50  # all of them: robots.txt, sitemaps, pages and redirects
MOST_LINKS = 1_000  # of one page that are kept
SAMPLE = 2_000  # addresses of one sitemap that are kept


class SeenPage(msgspec.Struct, kw_only=True):
    """An answer to one address. Addresses are canonical, links in scope and allowed by robots.txt."""

    url: str
    depth: int = 0
    stored: bool = True  # a crawl would store it as a page
    reason: str = ""  # why not
    detail: str = ""  # more of it, for people
    leads_to: str = ""  # where a redirect led
    pages_said: int = 0  # how many pages its list has, by its text
    things_said: int = 0  # how many things its list has, by its text
    size: int = 0  # bytes of the body
    packed: int = 0  # of the body, compressed as the archive does
    seconds: float = 0.0
    signature: int = 0  # of its text
    links: list[str] = []
    robots_refused: list[str] = []  # links that robots.txt forbids
    guessed: bool = False  # no page links to it
    unlinked: bool = False  # taken from a sitemap: no page that was read links to it


class SeenSitemap(msgspec.Struct, kw_only=True):
    """A sitemap's pages: how many of them are in scope, and those whose fingerprint ``every`` divides."""

    url: str
    count: int = 0
    every: int = 1
    sample: list[str] = []
    parts: list[str] = []  # of an index


class Survey(msgspec.Struct, kw_only=True):
    """All that was seen, and what is still to be read of sitemaps."""

    starts: list[str]
    pages: list[SeenPage] = []
    sitemaps: list[SeenSitemap] = []
    unread_sitemaps: list[str] = []  # named by the seed, by robots.txt, or usual
    names_sitemaps: bool = False  # it is known which there are
    unread_parts: list[str] = []  # of indexes
    part_count: int = 0  # of all indexes
    uses_sitemaps: bool = False  # the crawl asks for what they list, linked or not
    requests: int = 0
    max_depth: int | None = None  # links from a start address

    def note_page(self, page: SeenPage) -> None:
        """Keep what came of a page. Its links do not count where a crawl goes no deeper."""
        if self.max_depth is not None and page.depth >= self.max_depth:
            page.links = []
        self.pages.append(page)

    def note_sitemap(self, sitemap: SeenSitemap) -> None:
        """Keep what a sitemap lists."""
        parts = [part for part in sitemap.parts if part not in self.unread_parts]
        self.unread_parts += parts
        self.part_count += len(parts)
        self.sitemaps.append(sitemap)

    @property
    def stored(self) -> list[SeenPage]:
        """The pages that a crawl would store."""
        return [page for page in self.pages if page.stored and not page.unlinked]

    @property
    def asked(self) -> set[str]:
        """The addresses that were asked for."""
        return {page.url for page in self.pages}
