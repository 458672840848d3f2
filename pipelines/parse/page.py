"""One page: a body in, a :class:`pipelines.handover.Parsed` out. Pure, no clock, no database, no network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from django.conf import settings
from lxml import etree

from catalog.packing import pack_text
from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy
from crawler.reading.directives import directives
from crawler.reading.encoding import decode
from crawler.reading.fields import Extractor, compile_rules
from crawler.reading.markup import Markup, html_text, parse_html, parse_xml, scan_html, scan_xml, xml_text
from crawler.reading.signature import text_signature
from crawler.reading.text import fold
from crawler.rules.keys import Keys
from crawler.rules.robots import agent_token
from crawler.rules.scope import ScopeRules
from crawler.rules.traps import template_of
from crawler.rules.urls import (
    BadUrl,
    host_of,
    in_page_encoding,
    registrable_domain,
    resolve,
    without_credentials,
)
from pipelines.handover import Fetched, Parsed
from pipelines.parse.links import Links, judge


@dataclass(frozen=True, slots=True)
class PageRules:
    """What a run asks of its pages, compiled."""

    scope: ScopeRules
    extractor: Extractor
    agent: str  # product token, lower case
    obey_robots: bool
    keys: Keys
    domains: frozenset[str]  # of the roots
    signed: bool  # whether texts are compared within the run


@lru_cache(maxsize=4096)
def page_rules(policy: CrawlPolicy, roots: tuple[str, ...]) -> PageRules:
    """The rules of a policy whose scope is measured from ``roots``."""
    return PageRules(
        scope=ScopeRules(policy, roots),
        extractor=compile_rules(policy.fields),
        agent=agent_token(policy.user_agent or settings.USER_AGENT).lower() or "robots",
        obey_robots=policy.obey_robots,
        keys=Keys.of(policy),
        domains=frozenset(registrable_domain(host_of(root)) for root in roots),
        signed=policy.max_same_text is not None,
    )


@dataclass(slots=True)
class _Document:
    """A body read: by kind, before any rule is applied."""

    encoding: str
    text: str
    markup: Markup
    tree: etree._Element | None
    link_encoding: str = "utf-8"  # of the queries in its links: HTML's own


def parse_page(body: bytes, fetched: Fetched, rules: PageRules) -> Parsed:
    """Read a page. A page that says ``noindex`` is a page without content; its links still count."""
    document = _read(body, fetched.content_type, rules.agent)
    markup = document.markup
    told = directives(fetched.x_robots_tag, markup.robots, rules.agent)
    base = _resolved(markup.base, fetched.url) or fetched.url
    links = _links(document, _followed(markup, told.nofollow, rules), base, rules)
    common = Parsed(
        visit_id=fetched.visit_id,
        encoding=document.encoding,
        outlinks=tuple(links.inside),
        out_of_scope=links.outside,
        out_of_scope_sample=tuple(links.sample),
        declared_canonical=_resolved(markup.canonical, base),
        noindex=told.noindex,
        nofollow=told.nofollow,
        signature=text_signature(document.text) if rules.signed and template_of(fetched.url) else None,
    )
    if told.noindex and rules.obey_robots:
        return msgspec.structs.replace(common, reason=Reason.NOINDEX)
    fields = rules.extractor.extract(document.tree)
    text = pack_text(document.text)  # here, because parsers are many and store is one
    return msgspec.structs.replace(common, title=markup.title, text_zstd=text, fields=fields)


def read_fields(body: bytes, content_type: str, rules: PageRules) -> dict[str, str | None]:
    """The fields of a body that is stored already; all else that it holds was read when it was new."""
    return rules.extractor.extract(_read(body, content_type, rules.agent).tree)


def _read(body: bytes, content_type: str, agent: str) -> _Document:
    text, encoding = decode(body, content_type)
    kind = _kind(content_type, text)
    if kind == "text":
        return _Document(encoding, fold(text), Markup(), None)
    tree = parse_html(text) if kind == "html" else parse_xml(text)
    if tree is None:
        return _Document(encoding, "", Markup(), None)
    if kind == "html":
        return _Document(encoding, html_text(tree), scan_html(tree, agent), tree, encoding)
    return _Document(encoding, xml_text(tree), scan_xml(tree), tree)


def _kind(content_type: str, text: str) -> str:
    """html, xml or text. A body without a type is what it looks like."""
    mime = content_type.partition(";")[0].strip().lower()
    if mime in {"text/html", "application/xhtml+xml"}:
        return "html"
    if mime.endswith(("/xml", "+xml")):
        return "xml"
    if mime:
        return "text"
    start = text[:100].lstrip().lower()
    return "xml" if start.startswith("<?xml") else "html" if start.startswith("<") else "text"


def _followed(markup: Markup, nofollow: bool, rules: PageRules) -> Iterable[str]:
    """The links that may be followed: none or some, if the page asks so and robots are obeyed."""
    if not rules.obey_robots:
        return [*markup.hrefs, *markup.nofollow]
    return () if nofollow else markup.hrefs


def _links(document: _Document, hrefs: Iterable[str], base: str, rules: PageRules) -> Links:
    encoding = document.link_encoding
    if encoding != "utf-8":
        hrefs = [in_page_encoding(href, encoding) for href in hrefs]
    return judge((rules.keys.outlink(href, base) for href in hrefs), rules.scope)


def _resolved(href: str, base: str) -> str:
    if not href:
        return ""
    try:
        return without_credentials(resolve(href, base))
    except BadUrl:
        return ""
