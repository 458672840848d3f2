"""One page: a body in, a :class:`crawler.records.Parsed` out. Pure, no clock, no database, no network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from django.conf import settings
from lxml import etree

from crawler.encoding import decode
from crawler.records import CrawlPolicy, Fetched, Outlink, Parsed, Reason
from crawler.robots import agent_token
from crawler.scope import ScopeRules
from crawler.urls import BadUrl, outlink, resolve
from pipelines.extract import Extractor, compile_rules, fold
from pipelines.parse.directives import directives
from pipelines.parse.markup import Markup, html_text, parse_html, parse_xml, scan_html, scan_xml, xml_text

SAMPLE = 5  # links out of scope that are kept to be shown


@dataclass(frozen=True, slots=True)
class PageRules:
    """What a run asks of its pages, compiled."""

    scope: ScopeRules
    extractor: Extractor
    agent: str  # product token, lower case
    obey_robots: bool


@lru_cache(maxsize=512)
def page_rules(policy: CrawlPolicy, roots: tuple[str, ...]) -> PageRules:
    """The rules of a policy whose scope is measured from ``roots``."""
    return PageRules(
        scope=ScopeRules(policy, roots),
        extractor=compile_rules(policy.fields),
        agent=agent_token(policy.user_agent or settings.USER_AGENT).lower() or "robots",
        obey_robots=policy.obey_robots,
    )


@dataclass(slots=True)
class _Document:
    """A body read: by kind, before any rule is applied."""

    encoding: str
    text: str
    markup: Markup
    tree: etree._Element | None


@dataclass(slots=True)
class _Links:
    """A page's links judged by the scope."""

    inside: list[Outlink]
    outside: int
    sample: list[str]


def parse_page(body: bytes, fetched: Fetched, rules: PageRules) -> Parsed:
    """Read a page. A page that says ``noindex`` is a page without content; its links still count."""
    document = _read(body, fetched.content_type, rules.agent)
    markup = document.markup
    told = directives(fetched.x_robots_tag, markup.robots, rules.agent)
    base = _resolved(markup.base, fetched.url) or fetched.url
    links = _links(_followed(markup, told.nofollow, rules), base, rules.scope)
    common = Parsed(
        visit_id=fetched.visit_id,
        encoding=document.encoding,
        outlinks=tuple(links.inside),
        out_of_scope=links.outside,
        out_of_scope_sample=tuple(links.sample),
        declared_canonical=_resolved(markup.canonical, base),
        noindex=told.noindex,
        nofollow=told.nofollow,
    )
    if told.noindex and rules.obey_robots:
        return msgspec.structs.replace(common, reason=Reason.NOINDEX)
    fields = rules.extractor.extract(document.tree)
    return msgspec.structs.replace(common, title=markup.title, text=document.text, fields=fields)


def _read(body: bytes, content_type: str, agent: str) -> _Document:
    text, encoding = decode(body, content_type)
    kind = _kind(content_type, text)
    if kind == "text":
        return _Document(encoding, fold(text), Markup(), None)
    tree = parse_html(text) if kind == "html" else parse_xml(text)
    if tree is None:
        return _Document(encoding, "", Markup(), None)
    if kind == "html":
        return _Document(encoding, html_text(tree), scan_html(tree, agent), tree)
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


def _links(hrefs: Iterable[str], base: str, scope: ScopeRules) -> _Links:
    links = _Links([], 0, [])
    seen: set[int] = set()
    for href in hrefs:
        link = outlink(href, base)
        if link is None or link.fingerprint in seen:
            continue
        seen.add(link.fingerprint)
        if scope.refusal(link.url) is None:
            links.inside.append(link)
        else:
            links.outside += 1
            if len(links.sample) < SAMPLE:
                links.sample.append(link.url)
    return links


def _resolved(href: str, base: str) -> str:
    if not href:
        return ""
    try:
        return resolve(href, base)
    except BadUrl:
        return ""
