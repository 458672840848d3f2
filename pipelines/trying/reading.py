"""From a body to all that a try shows of it. Pure, and run by :mod:`pipelines.trying.child`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from crawler.collections import Collection
from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy
from crawler.reading.directives import Directives, read_directives
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.listings.listing import listing_of
from crawler.reading.offers import Offer, offer
from crawler.reading.reader import read_document
from crawler.reading.refresh import read_refresh
from crawler.reading.text import storable
from crawler.reading.verdicts.judging import judge
from crawler.rules.overruled import Overruled
from crawler.rules.robots import agent_token
from crawler.rules.urls import BadUrl, resolve, without_credentials
from pipelines.trying.links import split_links
from pipelines.trying.rules import main_text_of, read_collections
from pipelines.trying.trial import OK, Offered, Order, Trial

TEXT, MAIN_TEXT, STRUCTURED = 2_000, 100_000, 20_000  # characters that are kept


def read(order: Order) -> Trial:
    """All that is shown of a body."""
    policy = CrawlPolicy.of(order.policy)
    agent = agent_token(order.user_agent).lower() or "robots"
    document = read_document(order.body, order.content_type, agent)
    document.url, document.headers, document.body = order.final_url, order.headers, order.body
    collections = tuple(map(Collection.of, order.collections))
    document.add_links(compile_collections(collections).links(document))
    directives = read_directives(order.x_robots_tag, document.meta_robots, agent)
    base = resolved(document.base, order.final_url) or order.final_url
    refresh = read_refresh(order.refresh or document.refresh)
    if refresh and refresh.url:
        document.add_links([refresh.url])
    verdict, detail = verdict_of(document, directives, policy, order)
    return Trial(
        url=order.url,
        final_url=order.final_url,
        verdict=verdict,
        detail=detail,
        title=document.title,
        links=split_links(document, base, policy, order, nofollow=directives.nofollow),
        text=document.text[:TEXT],
        structured=structured_data(document),
        offered=[_offered(document, each) for each in offer(document)],
        collections=read_collections(document, collections),
        main_text=main_text_of(document)[:MAIN_TEXT],
    )


def verdict_of(
    document: Document, directives: Directives, policy: CrawlPolicy, order: Order
) -> tuple[str, str]:
    """Whether a crawl would store this as a page, and a sentence if it would not."""
    if directives.noindex and policy.obey_robots:
        return Reason.NOINDEX, "the page asks that nothing of it is kept (noindex)"
    verdict = judge(document, url=order.final_url, status=order.status)
    if verdict is None or Overruled(policy.accept).covers(verdict.kind, order.final_url):
        return OK, ""
    return verdict.kind, " ".join(verdict.evidence)


def _offered(document: Document, each: Offer) -> Offered:
    collection, listing = listing_of(document, each.collection)
    return Offered(
        name=each.name,
        reason=each.reason,
        records=each.records,
        collection=collection.plain(),
        samples=[dict(sample) for sample in each.samples],
        listing=listing,
    )


def structured_data(document: Document) -> dict[str, str]:
    """What a page says to machines, as JSON text a source; a source that says nothing is left out."""
    if document.tree is None:
        return {}
    data = document.tree.structured_data()
    sources: Mapping[str, object] = {
        "JSON-LD": data.json_ld,
        "microdata": [json.loads(item.json()) for item in data.microdata],
        "OpenGraph": data.opengraph,
    }
    return {
        name: storable(json.dumps(found, indent=2, ensure_ascii=False))[:STRUCTURED]
        for name, found in sources.items()
        if found
    }


def resolved(href: str, base: str) -> str:
    """The address that a link leads to; empty if it leads nowhere."""
    if not href:
        return ""
    try:
        return without_credentials(resolve(href, base))
    except BadUrl:
        return ""
