"""Where a list leads: patterns for its own pages and those of its items, and the rule of its next page."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.policy import CrawlPolicy
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.listings.address_patterns import alike, pattern_of, patterns_of_list
from crawler.reading.listings.next_rule import next_rule
from crawler.reading.reader import read_document
from crawler.rules.patterns import Patterns
from crawler.seeds import collection_checks
from pipelines.trying.details import list_and_details, offers_of_item
from pipelines.trying.reading import read
from pipelines.trying.trial import Order, Trial
from tests.fakeweb.sites import DESIGNS, SITES, FactSite

S = "https://s.test"
LOOKS = [(name, design) for name in SITES for design in DESIGNS]


def urls(form: str, *words: object) -> list[str]:
    return [S + form.format(word) for word in words]


@pytest.mark.parametrize(
    ("page", "following", "items", "pattern", "pages"),
    [
        (
            "/list?page=1",
            "/list?page=2",
            urls("/item/sk-{}", 1, 20, 31),
            f"{S}/item/*",
            (f"{S}/list?page=*",),
        ),
        (
            *("/teas/", "/teas/?page=2", urls("/teas/{}", "assam", "ceylon", "oolong")),
            *(r"re:^https://s\.test/teas/[^/?&#]+$", (f"{S}/teas/", f"{S}/teas/?page=*")),
        ),
        (
            *("/teas/", "/teas/page/2/", urls("/teas/{}/", "assam", "ceylon")),
            *(r"re:^https://s\.test/teas/[^/?&#]+/$", (f"{S}/teas/", f"{S}/teas/page/*/")),
        ),
        (
            *("/tea", "/tea/2", urls("/tea/{}", "assam", "ceylon")),
            r"re:^https://s\.test/tea/[^/?&#]*[^/?&#0-9][^/?&#]*$",
            (f"{S}/tea", r"re:^https://s\.test/tea/[0-9]+$"),
        ),
        ("/", "", urls("/p-{}.html", "assam", "ceylon"), f"{S}/p-*.html", (f"{S}/",)),
        ("/tea?c=3", "/tea?c=3&p=2", urls("/tea?id={}", 112, 122), f"{S}/tea?id=*", None),
        ("/news", "/news?after=ab", urls("/2026/{0}/story-{0}", 11, 12), f"{S}/2026/*", None),
        ("/tea", "", urls("/{}", "assam", "ceylon"), "", (f"{S}/tea",)),
        ("/tea", "", urls("/p/{}", "assam"), "", (f"{S}/tea",)),
    ],
)
def test_patterns_tell_the_pages_of_items_from_those_of_their_list(page, following, items, pattern, pages):
    apart = [S + page, *([S + following] if following else [])]
    assert pattern_of(items, apart) == pattern
    of_list = patterns_of_list(apart[0], apart[1] if following else "", items)
    assert of_list == (pages or of_list)
    assert all(map(Patterns(of_list).match, apart))
    assert not any(map(Patterns(of_list).match, items))


def test_of_two_patterns_that_one_is_taken_that_matches_less_of_the_rest_of_the_page():
    items, apart = urls("/shop/{}.html", "assam", "ceylon"), [f"{S}/"]
    assert pattern_of(items, apart) == f"{S}/shop/*"
    assert pattern_of(items, apart, [f"{S}/shop/basket"]) == f"{S}/shop/*.html"


def test_addresses_of_advertisements_are_left_out():
    items = urls("/item/{}", *range(9))
    assert alike([*items[:2], f"{S}/private/ad", *items[2:], items[0]]) == items
    assert alike([*items, "https://elsewhere.test/a/b/c"]) == items
    assert alike([]) == []


def document(body: str, url: str = f"{S}/teas") -> Document:
    read_as = read_document(body.encode(), "text/html", "")
    read_as.url = url
    return read_as


@pytest.mark.parametrize(
    ("markup", "rule", "address"),
    [
        ('<a rel="nofollow next" href="?p=2">2</a>', {"css": "a[rel~=next]::attr(href)"}, "/teas?p=2"),
        ('<link rel=next href="/teas/2">', {"css": "link[rel~=next]::attr(href)"}, "/teas/2"),
        ('<a class="pager-next" href="?p=2">→</a>', {"css": ".pager-next::attr(href)"}, "/teas?p=2"),
        (
            '<p><a href="/x">a</a><a href="?p=2">Weiter »</a>',
            {"xpath": '//a[normalize-space()="Weiter »"]/@href'},
            "/teas?p=2",
        ),
        (
            '<ul><li class="active"><a href="?p=1">1</a><li><a href="?p=2">2</a></ul>',
            {"css": "li.active + li a::attr(href)"},
            "/teas?p=2",
        ),
        ('<i>1</i><a href="?p=2">2</a><a href="?p=3">3</a>', {"url": "p=+1"}, "/teas?p=2"),
        ('<a href="?at=20">2</a><a href="?at=40">3</a>', {"url": "at=+20"}, "/teas?at=20"),
        ('<i>1</i><a href="/teas/page/2">2</a>', {"url": "/page/+1"}, "/teas/page/2"),
        ('<button class="more" data-url="/teas?p=2">Load more</button>', None, "/teas?p=2"),
    ],
)
def test_the_next_page_of_a_list_is_known_by_a_rule(markup, rule, address):
    proposal = next_rule(document(markup))
    assert proposal is not None
    assert proposal[1] == S + address
    assert rule in (None, proposal[0].plain())


@pytest.mark.parametrize(
    "markup",
    [
        '<a rel=next href="https://elsewhere.test/2">Next</a>',
        '<a rel=next href="/teas#two">Next</a>',
        '<a href="/calendar/2026">2026</a><a href="/i/12">12</a>',
        "<p>Next",
    ],
)
def test_what_does_not_lead_to_another_page_of_the_list_is_no_rule(markup):
    assert next_rule(document(markup)) is None


def tried(site: FactSite[Any], path: str, design: str) -> Trial:
    _, headers, body = site.page(path, 0, design)
    url = site.base + path
    policy = CrawlPolicy(start_urls=(url,)).plain()
    return read(Order(url=url, final_url=url, body=body, content_type=headers["Content-Type"], policy=policy))


@pytest.mark.parametrize(("name", "design"), LOOKS)
def test_a_list_with_details_reads_every_page_of_a_site_with_keys_and_without_doubles(name: str, design: str):
    site = SITES[name](size=12)
    listed = tried(site, "/list?page=1", design)
    offered = next(each for each in listed.offered if each.listing)
    item = tried(site, offered.listing.links[0].removeprefix(site.base), design)
    both = list_and_details(listed.url, offered, offers_of_item(item)[0])
    for collection in both[:2]:
        assert collection_checks.collection(collection.plain()) == collection.plain()
    extractor = compile_collections(both[:2])
    keys: dict[str, list[tuple[str, ...]]] = {both.of_list.name: [], both.of_items.name: []}
    for path in site.paths(0):
        if path == "/picks":
            continue
        _, headers, body = site.page(path, 0, design)
        page = read_document(body, headers["Content-Type"], "")
        page.url = site.base + path
        for record in extractor.read(page):
            assert record.key is not None, (path, record)
            keys[record.collection].append(record.key)
    of_list, of_items = keys[both.of_list.name], keys[both.of_items.name]
    assert len(set(of_items)) == len(of_items) == len(site.numbers(0))
    assert len(of_list) - len(set(of_list)) <= 1, "the advertisement, which is on every page"
    assert len(set(of_list)) >= len(site.expected("/list?page=1", 0, design))


def test_the_page_of_an_article_is_taken_with_its_text():
    site = SITES["magazine"](size=12)
    item = tried(site, site.paths(0)[3], "a")
    first, *_ = offers_of_item(item)
    fields = {field["name"]: field for field in first.collection["fields"]}
    assert fields["text"] == {"name": "text", "main_text": "text"}
    assert {"title", "published"} <= set(fields)
