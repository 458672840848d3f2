"""From a body to what a forecast keeps of it. Pure, and run in a process that may be killed."""

from __future__ import annotations

import zlib
from pathlib import Path

from crawler.collections import Collection
from crawler.forecasting.said import said_in
from crawler.forecasting.seen import MOST_LINKS, SAMPLE, SeenPage, SeenSitemap
from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy
from crawler.reading.directives import read_directives
from crawler.reading.extractor import compile_collections
from crawler.reading.own_code import names
from crawler.reading.reader import read_document
from crawler.reading.refresh import read_refresh
from crawler.reading.signature import text_signature
from crawler.reading.sitemaps import SitemapEntry, read_sitemap
from crawler.rules.keys import Keys
from crawler.rules.robots import Robots, agent_token
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import origin_of, url_fingerprint
from pipelines.forecasts.order import Body, Read
from pipelines.killable import ChildKilled, Reader, answer_orders
from pipelines.trying.links import ROBOTS_FORBIDS, split_links
from pipelines.trying.reading import resolved, verdict_of
from pipelines.trying.trial import OK, Order

RECORD_BYTES = 400  # of an answer in the archive, beside its body


class PageReader:
    """Reads in one process for a whole slice of a forecast: that takes half a second to begin."""

    def __init__(self) -> None:
        self._reader = Reader(__name__, Read)

    def read(self, body: Body) -> Read:
        """What a body shows; a page that cannot be read within the limits is one that no crawl stores."""
        try:
            return self._reader.ask(body)
        except ChildKilled:
            if body.sitemap:
                return Read()
            page = SeenPage(url=body.order.url, depth=body.depth, stored=False, reason=Reason.PARSER_KILLED)
            return Read(page=page)

    def close(self) -> None:
        """End the process."""
        self._reader.close()


def read(body: Body) -> Read:
    """What a body shows."""
    return Read(sitemap=_sitemap(body.order)) if body.sitemap else Read(page=_page(body))


def _page(body: Body) -> SeenPage:
    order = body.order
    policy, agent = CrawlPolicy.of(order.policy), agent_token(order.user_agent).lower() or "robots"
    document = read_document(order.body, order.content_type, agent)
    document.url, document.headers, document.body = order.final_url, order.headers, order.body
    document.add_links(compile_collections(tuple(map(Collection.of, order.collections))).links(document))
    directives = read_directives(order.x_robots_tag, document.meta_robots, agent)
    refresh = read_refresh(order.refresh or document.refresh)
    if refresh and refresh.url:
        document.add_links([refresh.url])
    base = resolved(document.base, order.final_url) or order.final_url
    links = split_links(document, base, policy, order, nofollow=directives.nofollow)
    verdict, _ = verdict_of(document, directives, policy, order)
    keys, said = Keys.of(policy), said_in(document.text)
    return SeenPage(
        url=keys.canonical(order.final_url),
        depth=body.depth,
        stored=verdict == OK,
        reason="" if verdict == OK else verdict,
        size=len(order.body),
        packed=len(zlib.compress(order.body)) + RECORD_BYTES,
        seconds=body.seconds,
        signature=text_signature(document.text),
        pages_said=said.pages,
        things_said=said.things,
        links=list(dict.fromkeys(map(keys.canonical, links.followed)))[:MOST_LINKS],
        robots_refused=[each.url for each in links.refused if each.reason.startswith(ROBOTS_FORBIDS)],
        guessed=body.guessed,
        unlinked=body.unlinked,
    )


def _sitemap(order: Order) -> SeenSitemap:
    policy = CrawlPolicy.of(order.policy)
    entries = read_sitemap(order.body, order.final_url).entries
    urls = _followed([entry for entry in entries if not entry.is_sitemap], policy, order)
    every = max(1, -(-len(urls) // SAMPLE))
    return SeenSitemap(
        url=order.url,
        count=len(urls),
        every=every,
        sample=[url for url in urls if url_fingerprint(url) % every == 0],
        parts=[entry.url for entry in entries if entry.is_sitemap],
    )


def _followed(entries: list[SitemapEntry], policy: CrawlPolicy, order: Order) -> list[str]:
    """The pages of a sitemap that a crawl would ask for."""
    keys, scope = Keys.of(policy), ScopeRules(policy, policy.start_urls)
    robots = {origin: Robots.from_response(*seen) for origin, seen in order.robots.items()}
    urls = dict.fromkeys(keys.canonical(entry.url) for entry in entries if scope.covers(entry.url))
    if not policy.obey_robots:
        return list(urls)
    return [
        url
        for url in urls
        if (rules := robots.get(origin_of(url))) is None or rules.allowed(url, order.user_agent)
    ]


def _in_process(body: Body) -> Read:
    names.look_in(Path(body.order.extractors))
    return read(body)


if __name__ == "__main__":
    answer_orders(Body, _in_process)
