"""One page: from its body and the run's rules to a :class:`pipelines.handover.Parsed`.

Pure: no clock, no database, no network. :mod:`crawler.reading` does the reading itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from django.conf import settings

from catalog.packing import pack_text
from crawler.outcomes import Reason
from crawler.policy import ChangeMeans, CrawlPolicy
from crawler.reading.content import NO_NOISE, Noise, compile_noise, content_signature, values_signature
from crawler.reading.directives import read_directives
from crawler.reading.document import Document
from crawler.reading.extractor import Extractor, compile_collections
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord
from crawler.reading.refresh import Refresh, read_refresh
from crawler.reading.signature import text_signature
from crawler.reading.verdicts.answer import Verdict
from crawler.reading.verdicts.judging import judge
from crawler.rules.keys import Keys
from crawler.rules.links import LinkRules, ScopedLinks
from crawler.rules.overruled import Overruled
from crawler.rules.robots import agent_token
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import (
    BadUrl,
    host_of,
    in_page_encoding,
    registrable_domain,
    resolve,
    without_credentials,
)
from pipelines.handover import Fetched, Links, Parsed, Signed
from pipelines.parse.stored import StoredBody

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PageRules:
    """What a run asks of its pages, compiled."""

    links: LinkRules
    extractor: Extractor
    agent: str  # product token, lower case
    obey_robots: bool
    keys: Keys
    domains: frozenset[str]  # of the roots
    overruled: Overruled
    change_means: ChangeMeans
    noise: Noise  # of the seed
    noise_lines: tuple[str, ...]
    learn_noise: bool  # whether what was learned is left out too

    def noise_with(self, learned: Iterable[str]) -> Noise:
        """The noise with lines that were learned. Raises BadNoise if they cannot be used."""
        return compile_noise((*self.noise_lines, *learned), self.keys.ignored)


@lru_cache(maxsize=4096)
def page_rules(policy: CrawlPolicy, roots: tuple[str, ...]) -> PageRules:
    """The rules of a policy whose scope is measured from ``roots``."""
    keys = Keys.of(policy)
    return PageRules(
        links=LinkRules(keys, ScopeRules(policy, roots)),
        extractor=compile_collections(policy.collections),
        agent=agent_token(policy.user_agent or settings.USER_AGENT).lower() or "robots",
        obey_robots=policy.obey_robots,
        keys=keys,
        domains=frozenset(registrable_domain(host_of(root)) for root in roots),
        overruled=Overruled(policy.accept),
        change_means=policy.change_means,
        noise=compile_noise(policy.noise, policy.ignore_params),
        noise_lines=policy.noise,
        learn_noise=policy.learn_noise,
    )


def parse_page(
    body: bytes, fetched: Fetched, rules: PageRules, headers: Headers = (), noise: Noise = NO_NOISE
) -> Parsed:
    """Read a page. Of a page that says ``noindex`` no content is kept; its links still count.

    ``headers`` are those of the response, where the rules ask for them; ``noise`` is no content.
    """
    document = read_document(body, fetched.content_type, rules.agent)
    document.url, document.headers = fetched.url, headers
    document.body, document.status = body, fetched.status or document.status
    signature = text_signature(document.text)
    content = content_signature(document, noise, signature)  # before rules add links of their own
    directives = read_directives(fetched.x_robots_tag, document.meta_robots, rules.agent)
    base = _resolved(document.base, fetched.url) or fetched.url
    refresh = read_refresh(fetched.refresh or document.refresh)
    if refresh and refresh.seconds:
        document.add_links([refresh.url])
    document.add_links(rules.extractor.links(document))
    next_links = rules.extractor.next_links(document) if rules.extractor.leads_on else []
    links = _links(document, base, rules, next_links, nofollow=directives.nofollow)
    common = Parsed(
        visit_id=fetched.visit_id,
        encoding=document.encoding,
        outlinks=Links.of(links.inside),
        out_of_scope=links.outside,
        out_of_scope_sample=tuple(links.sample),
        declared_canonical=_resolved(document.declared_canonical, base),
        moved_to=_moved_to(document, refresh, fetched.url, base, rules),
        noindex=directives.noindex,
        nofollow=directives.nofollow,
        signature=signature,
    )
    if directives.noindex and rules.obey_robots:
        return msgspec.structs.replace(common, reason=Reason.NOINDEX)
    verdict = judge(document, url=fetched.url, status=fetched.status)
    if verdict is not None and not rules.overruled.covers(verdict.kind, fetched.url):
        return _no_page(common, verdict)
    warnings: list[str] = []
    records = tuple(rules.extractor.read(document, warnings))
    text = pack_text(document.text)  # packed here, because many parsers run at once and only one store
    return msgspec.structs.replace(
        common,
        title=document.title,
        text_zstd=text,
        signed=Signed(content, values_signature(records)),
        noise=noise.signature,
        records=records,
        unread=tuple(rules.extractor.unread(document)),
        warnings=tuple(warnings),
    )


def _no_page(common: Parsed, verdict: Verdict) -> Parsed:
    """An answer that is no page. Its text is no news of its template: guards say the same everywhere."""
    signature = common.signature if verdict.kind == Reason.SOFT_404 else None
    return msgspec.structs.replace(
        common, reason=verdict.kind, verdict=verdict.kind, evidence=verdict.evidence, signature=signature
    )


def read_again(stored: StoredBody, fetched: Fetched, rules: PageRules) -> Parsed:
    """The records of a body that is stored already; the rest was read when it was new."""
    document = document_of(stored, fetched.url, rules.agent)
    warnings: list[str] = []
    records = tuple(rules.extractor.read(document, warnings))
    unread = tuple(rules.extractor.unread(document))
    return Parsed(visit_id=fetched.visit_id, records=records, unread=unread, warnings=tuple(warnings))


def sign_stored(stored: StoredBody, url: str, rules: PageRules, noise: Noise) -> Signed:
    """The signatures of a stored version, by these rules and without this noise.

    Raises :class:`crawler.reading.sources.source.Unreadable`.
    """
    document = document_of(stored, url, rules.agent)
    content = content_signature(document, noise)
    return Signed(content, values_signature(rules.extractor.read(document, [])))


def read_records(
    stored: StoredBody, url: str, extractor: Extractor, agent: str, warnings: list[str]
) -> list[ReadRecord]:
    """What rules read from a stored body. Raises :class:`crawler.reading.sources.source.Unreadable`."""
    return extractor.read(document_of(stored, url, agent), warnings)


def document_of(stored: StoredBody, url: str, agent: str) -> Document:
    """A stored body, read. Raises :class:`crawler.reading.sources.source.Unreadable`."""
    document = read_document(stored.body, stored.content_type, agent)
    document.url, document.headers, document.body = url, stored.headers, stored.body
    return document


def _links(
    document: Document, base: str, rules: PageRules, next_links: Sequence[str], *, nofollow: bool
) -> ScopedLinks:
    """The links of a page. Those to the next page of a list are as deep as the page itself."""
    if next_links:
        document.add_links(href for href in next_links if href not in document.nofollow_hrefs)
    hrefs = _followed(document, rules, nofollow=nofollow)
    links = rules.links.split(_as_requested(hrefs, document), base)
    if next_links:
        level = {
            link.fingerprint for link in rules.links.split(_as_requested(next_links, document), base).inside
        }
        links.inside = [
            msgspec.structs.replace(link, level=True) if link.fingerprint in level else link
            for link in links.inside
        ]
    return links


def _as_requested(hrefs: Iterable[str], document: Document) -> Iterable[str]:
    if document.link_encoding == "utf-8":
        return hrefs
    return [in_page_encoding(href, document.link_encoding) for href in hrefs]


def _moved_to(document: Document, refresh: Refresh | None, url: str, base: str, rules: PageRules) -> str:
    """Where a page leads at once; empty if that is nowhere, or to itself."""
    if refresh is None or refresh.seconds:
        return ""
    target = _resolved(in_page_encoding(refresh.url, document.link_encoding), base)
    if not target or rules.keys.canonical(target) == rules.keys.canonical(url):
        return ""
    return target


def _followed(document: Document, rules: PageRules, *, nofollow: bool) -> Iterable[str]:
    """The links that may be followed: none or only some, if the page says so and the run obeys robots."""
    if not rules.obey_robots:
        return [*document.hrefs, *document.nofollow_hrefs]
    return () if nofollow else document.hrefs


def _resolved(href: str, base: str) -> str:
    if not href:
        return ""
    try:
        return without_credentials(resolve(href, base))
    except BadUrl:
        return ""
