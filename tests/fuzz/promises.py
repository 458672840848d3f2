"""For each reader a function of bytes that fails when the reader breaks its promise."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice

import httpx
from httptools import HttpParserError

from crawler.collections import Field, Step, of_fields
from crawler.policy import CrawlPolicy
from crawler.reading.extractor import compile_collections
from crawler.reading.reader import read_document
from crawler.reading.sitemaps import read_sitemap
from crawler.reading.steps import STEPS, clean
from crawler.reading.text import storable
from crawler.reading.types import TYPES, convert
from crawler.requests.exchange import FetchRequest
from crawler.requests.headers import encode_field, sendable
from crawler.requests.llhttp import decoded, explain, lenient_parser
from crawler.requests.response import Failed, has_body, redirect_target
from crawler.rules.patterns import check_pattern
from crawler.rules.robots import Robots
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import (
    BadUrl,
    canonical_of,
    canonical_url,
    host_of,
    origin_of,
    resolve,
    url_fingerprint,
    without_credentials,
)
from crawler.seeds import checks, cron
from pipelines import archive
from pipelines.parse.page import page_rules, parse_page
from tests.factories import new_fetched
from tests.harness.rules import field_of, pages_of

URL = "http://a.test/dir/page?q=1"
RULES = page_rules(
    CrawlPolicy(
        start_urls=(URL,),
        collections=pages_of(
            field_of("title", "css", "h1::text"), field_of("author", "xpath", "//a[@rel='author']")
        ),
    ),
    (URL,),
)
DOCUMENT = read_document(b"<html><h1>A</h1><p class=x id=y>B <a href=/c>C</a></p></html>", "text/html", "a")
REQUEST = FetchRequest(url=URL, user_agent="Crawlbeat")
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


def html(data: bytes) -> None:
    """A page can be handed on, whatever it holds."""
    _page(data, "text/html")


def xml(data: bytes) -> None:
    """So can XML, a feed, and what only says that it is."""
    for kind in ("application/rss+xml", "application/xhtml+xml", ""):
        _page(data, kind)


def _page(data: bytes, content_type: str) -> None:
    parsed = parse_page(data, new_fetched(url=URL, content_type=content_type), RULES)
    assert archive.load(archive.dump([parsed]), type(parsed)) == [parsed]
    assert "\0" not in parsed.title
    assert not parsed.signature or -(1 << 63) <= parsed.signature < 1 << 63


def sitemap(data: bytes) -> None:
    """Each entry is a URL as it will be requested, with a date that a database can keep."""
    listed = read_sitemap(data, URL)
    for entry in listed.entries:
        assert resolve(entry.url) == entry.url
        if entry.lastmod is not None:
            datetime.fromtimestamp(entry.lastmod, UTC)


def robots(data: bytes) -> None:
    """Rules answer about any address, and a delay is a number of seconds."""
    rules = Robots.parse(data)
    for agent in ("Crawlbeat/1.0", "x", ""):
        rules.allowed(URL, agent)
        rules.rule("http://a.test/%41%c3%bc?x=*$", agent)
        delay = rules.crawl_delay(agent)
        assert delay is None or (delay >= 0 and math.isfinite(delay))
        assert all(rule.isascii() for rule in rules.rules(agent))
    assert all(isinstance(url, str) for url in rules.sitemaps)


class _Head:
    """What the parser of answers calls back."""

    def __init__(self) -> None:
        self.fields: list[tuple[bytes, bytes]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))


def headers(data: bytes) -> None:
    """An answer is understood or refused with one line; what is sent again can be sent."""
    head = _Head()
    parser = lenient_parser(head)
    try:
        parser.feed_data(data)
    except HttpParserError as error:
        assert len(explain(error, data).splitlines()) == 1
    try:
        fields = decoded(head.fields)
    except httpx.RemoteProtocolError:
        return
    for field in sendable(fields):
        encode_field(*field)
    for status in (200, 204, 206, 302, 304, 500):
        try:
            has_body(REQUEST, status, fields, any_type=False)
        except Failed as error:
            assert error.reason
    try:
        target = redirect_target(fields, URL)
    except Failed:
        return
    assert resolve(target) == target


def url(data: bytes) -> None:
    """A URL stays what it is when it is read again, and so does its canonical form."""
    written = _text(data)
    for base in (None, URL, "https://ü.test:8443/a/b/?x#y"):
        try:
            address = resolve(written, base)
        except BadUrl:
            continue
        assert resolve(address) == address
        assert address.isascii()
        canonical = canonical_url(address)
        assert canonical_of(canonical) == canonical
        assert -(1 << 63) <= url_fingerprint(canonical) < 1 << 63
        assert origin_of(address).startswith(("http://", "https://"))
        assert host_of(address)
        assert "@" not in without_credentials(address).partition("://")[2].partition("/")[0]


def seed_lines(data: bytes) -> None:
    """What a person writes about a seed is taken or gets a sentence."""
    for check in (checks.address, checks.header, checks.parameter, checks.network, checks.user_agent):
        try:
            assert check(check(_text(data))) == check(_text(data))
        except ValueError as error:
            assert str(error)


def pattern(data: bytes) -> None:
    """A pattern is refused, or it answers about any address."""
    written = _text(data)
    try:
        check_pattern(written)
    except ValueError as error:
        assert str(error)
        return
    ScopeRules(CrawlPolicy(start_urls=(URL,), include=(written,)), (URL,)).covers(URL)


def cron_line(data: bytes) -> None:
    """A cron line is refused, or its times rise."""
    line = _text(data)
    for zone in ("UTC", "Europe/Berlin"):
        try:
            cron.check(line, zone)
        except ValueError as error:
            assert str(error)
            continue
        slots = list(islice(cron.times(line, zone, MOMENT), 5))
        assert slots == sorted(set(slots))
        assert slots[0] > MOMENT
        assert cron.describe(line)
        assert cron.count(line, zone, MOMENT, MOMENT + timedelta(days=40)) >= 0


def field_line(data: bytes) -> None:
    """A field is refused, or it has a value, or none, of any document."""
    try:
        plain = checks.field_line(_text(data))
    except ValueError as error:
        assert str(error)
        return
    compile_collections(of_fields((Field.of(plain),))).read(DOCUMENT)


def step_chain(data: bytes) -> None:
    """Any steps are refused or give texts that can be stored; the words between bars are steps and a text."""
    text, *words = _text(data).split("|")
    kinds = [word for word in words if word in STEPS] or list(STEPS)
    arguments = tuple(word for word in words if word not in STEPS)[:2]
    for kind in kinds[:20]:
        for step in (Step(kind), Step(kind, arguments[:1]), Step(kind, arguments)):
            try:
                texts = clean([text], (step,), base=URL)
            except ValueError as error:
                assert str(error)
                continue
            assert all(storable(each) == each for each in texts)


def field_value(data: bytes) -> None:
    """A text is refused with a sentence, or converts to the same value each time, one that can be stored."""
    text = _text(data)
    for kind in TYPES:
        for locale in ("", "de", "en"):
            try:
                value = convert(text, kind, locale=locale, zone="Europe/Berlin", base=URL)
            except ValueError as error:
                assert str(error)
                continue
            assert value == convert(text, kind, locale=locale, zone="Europe/Berlin", base=URL)
            assert json.loads(json.dumps(value)) == value


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


PROMISES: dict[str, Callable[[bytes], None]] = {
    promise.__name__: promise
    for promise in (
        html,
        xml,
        sitemap,
        robots,
        headers,
        url,
        seed_lines,
        pattern,
        cron_line,
        field_line,
        step_chain,
        field_value,
    )
}
