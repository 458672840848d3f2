"""Twenty sites whose size is known, of many builds: what forecasts are measured on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.fakeweb import Answer, Request, linked_site
from tests.fakeweb.sites import SITES
from tests.fakeweb.sized import (
    SizedSite,
    blog,
    brochure,
    documentation,
    forum,
    shop,
    sparse,
    wiki,
    with_calendar,
    with_filters,
    with_sessions,
)


class Known(NamedTuple):
    """A site and how many pages a crawl finds there; traps are not counted."""

    name: str
    site: Any
    pages: int


class WithoutSitemap:
    """A site that answers 404 for its sitemap, and does not name it."""

    def __init__(self, site: Any) -> None:
        self._site = site

    def answer(self, request: Request) -> Answer | None:
        """What a server on loopback answers."""
        if request.path.startswith("/sitemap"):
            return Answer(404)
        answer: Answer | None = self._site.answer(request)
        if request.path == "/robots.txt" and answer is not None:
            return Answer(body="User-agent: *\nDisallow: /private/\n", content_type="text/plain")
        return answer


def sites(*, quick: bool) -> Iterator[Known]:
    """All of them; ``quick``: three small ones."""
    if quick:
        yield from map(_sized, (brochure(30), shop(4, 400, 20, name="shop", all_numbers=False), wiki(300)))
        return
    for name, size in (("magazine", 150), ("recipes", 150), ("reference", 300)):
        site = SITES[name](size=size)
        yield Known(f"{name}, without a sitemap", WithoutSitemap(site), len(site.paths(0)) + 1)
    for name, size in (("jobs", 400), ("shop", 400)):
        site = SITES[name](size=size)
        yield Known(f"{name}, with a sitemap", site, len(site.paths(0)) + 1)
    for pages in (300, 3_000, 20_000):
        yield Known(f"numbered pages, {pages:,}", linked_site(pages, seed=pages), pages)
    yield from map(_sized, _builds())


def _builds() -> Iterator[SizedSite]:
    yield brochure(30)
    yield documentation(12, 20, 30)
    yield wiki(4_000)
    yield shop(12, 4_800, 24, name="shop, next page only", all_numbers=False)
    yield shop(30, 19_500, 40, name="shop, sitemap of parts", all_numbers=False, parts=4)
    yield shop(8, 1_600, 20, name="shop, page numbers", all_numbers=True)
    yield blog(900)
    yield forum(8, 300, 14)
    yield sparse(2_500)
    yield with_calendar(120)
    yield with_sessions(4, 400)
    yield with_filters(600)


def _sized(site: SizedSite) -> Known:
    return Known(site.name, site, site.pages)
