"""One page in, title, text, fields and links out: rules of HTML, of robots, and markup meant to hurt."""

from __future__ import annotations

import time

import msgspec
import pytest

from catalog.packing import unpack_text
from crawler.collections import Collection
from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy, Scope
from pipelines.handover import NO_LINKS, Parsed
from pipelines.parse import page_rules, parse_page
from tests.factories import new_fetched
from tests.harness.rules import field_of, pages_of

FETCHED = new_fetched(
    visit_id=7, url="http://site.example/dir/page.html", content_type="text/html; charset=utf-8"
)


def parse(page: str | bytes, content_type: str | None = None, header: str = "", **policy) -> Parsed:
    """The page as found at http://site.example/dir/page.html by an agent called Testbot."""
    values = {"start_urls": ("http://site.example/",), "scope": Scope.HOST, "user_agent": "Testbot/1.0"}
    rules = page_rules(CrawlPolicy(**(values | policy)), ("http://site.example/",))
    kind = FETCHED.content_type if content_type is None else content_type
    fetched = msgspec.structs.replace(FETCHED, content_type=kind, x_robots_tag=header)
    return parse_page(page.encode() if isinstance(page, str) else page, fetched, rules)


def values(parsed: Parsed) -> dict[str, object]:
    return parsed.records[0].values


def text_of(parsed: Parsed) -> str:
    return unpack_text(parsed.text_zstd)


def urls(parsed: Parsed) -> list[str]:
    return [link.url for link in parsed.outlinks.unpack()]


class TestContent:
    def test_title_text_and_fields(self):
        parsed = parse(
            "<title> A\n title </title><style>p{}</style><h1>Blue <b>la</b>mp</h1><p>one<p>two<br>three"
            "<script>no()</script><noscript>no</noscript><template>no</template>",
            collections=pages_of(field_of("name", "css", "h1"), field_of("none", "css", "h2")),
        )
        assert parsed.title == "A title"
        assert text_of(parsed) == "Blue lamp one two three"
        assert values(parsed) == {"name": "Blue lamp", "none": None}
        assert parsed.encoding == "utf-8"
        assert (parsed.visit_id, parsed.reason) == (7, None)

    def test_other_white_space_is_folded_too(self):
        assert text_of(parse("<p>a\u00a0\u2003b\u3000c</p>")) == "a b c"

    def test_encodings(self):
        assert text_of(parse("<p>größe</p>".encode("latin-1"), "text/html; charset=iso-8859-1")) == "größe"
        declared = '<meta charset="koi8-r"><p>мир</p>'.encode("koi8-r")
        assert text_of(parse(declared, "text/html")) == "мир"
        assert text_of(parse("<p>\ufeffü</p>".encode("utf-16"), "text/html")).endswith("ü")

    @pytest.mark.parametrize("body", ["", " ", "<!-- -->", "\0"])
    def test_a_page_without_content(self, body):
        parsed = parse(body, collections=pages_of(field_of("a", "css", "h1")))
        assert (parsed.title, text_of(parsed), parsed.outlinks, values(parsed)) == (
            "",
            "",
            NO_LINKS,
            {"a": None},
        )

    def test_what_a_database_refuses_is_gone(self):
        page = "<title>a\0b&#0;</title><p title='\0'>c\0d&#xD800;"
        parsed = parse(page, collections=pages_of(field_of("p", "css", "p")))
        stored = [parsed.title, text_of(parsed), values(parsed)["p"] or ""]
        assert "\0" not in "".join(stored)
        "".join(stored).encode()

    def test_plain_text(self):
        parsed = parse(
            "one\n\n two <a href='/x'>", "text/plain", collections=pages_of(field_of("a", "css", "a"))
        )
        assert (parsed.title, text_of(parsed), parsed.outlinks) == ("", "one two <a href='/x'>", NO_LINKS)
        assert values(parsed) == {"a": None}

    def test_a_body_without_a_type_is_what_it_looks_like(self):
        assert parse("\ufeff <title>T</title>", "").title == "T"
        assert parse("<?xml version='1.0'?><rss><title>T</title></rss>", "").title == "T"
        assert text_of(parse("plain", "")) == "plain"

    def test_the_title_of_a_picture_is_not_the_title_of_the_page(self):
        assert parse("<body><svg><title>icon</title></svg><p>x").title == ""


class TestXml:
    def test_rss(self):
        parsed = parse(
            "<rss><channel><title>News</title><link>http://site.example/</link><item><title>One</title>"
            "<link> /one </link></item></channel></rss>",
            "application/rss+xml",
            collections=pages_of(field_of("first", "css", "item > title::text")),
        )
        assert (parsed.title, values(parsed)) == ("News", {"first": "One"})
        assert urls(parsed) == ["http://site.example/", "http://site.example/one"]
        assert text_of(parsed) == "News http://site.example/ One /one"

    def test_atom(self):
        entry = '<entry><link href="/e"/></entry>'
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>{entry}</feed>'
        assert urls(parse(feed, "application/atom+xml")) == ["http://site.example/e"]

    def test_encoding_of_the_declaration_or_the_header(self):
        page = '<?xml version="1.0" encoding="iso-8859-1"?><a>größe</a>'
        assert text_of(parse(page.encode("latin-1"), "text/xml")) == "größe"
        assert text_of(parse(page.encode(), "text/xml; charset=utf-8")) == "größe"

    @pytest.mark.parametrize(
        ("document", "text"),
        [
            ('<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>x&a;</l>', "x&a;"),
            ('<!DOCTYPE l SYSTEM "http://127.0.0.1:1/x.dtd"><l>x&a;</l>', "x&a;"),
            ('<!DOCTYPE l [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><l>x</l>', "x"),
        ],
    )
    def test_entities_that_a_file_declares_are_not_read(self, document, text):
        assert text_of(parse(document, "text/xml")) == text

    def test_broken_xml_gives_what_can_be_read(self):
        assert parse("<rss><title>T</title><item>", "text/xml").title == "T"
        assert text_of(parse("junk", "text/xml")) == ""


class TestLinks:
    def test_elements_order_and_dedupe(self):
        parsed = parse(
            '<link rel="next" href="n"><link rel=stylesheet href="s.css"><a href="b?x=1#f">1</a>'
            '<a href=" b?x=1 ">2</a>'
            '<area href="/c"><a>no</a><a href="#top">no</a><a href="mailto:a@b.example">no</a>'
            '<a href="javascript:x()">no</a><a href="http://[bad">no</a>'
        )
        assert urls(parsed) == [
            "http://site.example/dir/n",
            "http://site.example/dir/b?x=1",
            "http://site.example/c",
        ]

    @pytest.mark.parametrize(
        ("base", "expected"),
        [
            ('<base href="/other/">', "http://site.example/other/a"),
            ('<base target="_top"><base href="http://site.example/x/y">', "http://site.example/x/a"),
            ('<base href="data:text/plain,x">', "http://site.example/dir/a"),
            ('<a href="a"></a><base href="/late/">', "http://site.example/late/a"),
        ],
    )
    def test_base(self, base, expected):
        assert urls(parse(f"{base}<a href=a>x</a>")) == [expected]

    def test_out_of_scope_is_counted_once_each_and_sampled(self):
        links = "".join(f'<a href="http://other{number % 8}.example/">x</a>' for number in range(20))
        parsed = parse(links + '<a href="/in">x</a>')
        assert (parsed.out_of_scope, len(parsed.out_of_scope_sample)) == (8, 5)
        assert parsed.out_of_scope_sample[0] == "http://other0.example/"
        assert urls(parsed) == ["http://site.example/in"]

    def test_declared_canonical_is_noted_and_not_followed(self):
        parsed = parse('<link rel="canonical" href="/real"><link rel="canonical" href="/second">')
        assert parsed.declared_canonical == "http://site.example/real"
        assert parsed.outlinks == NO_LINKS
        assert parse('<link rel="canonical" href="tel:1">').declared_canonical == ""


class TestRobots:
    LINK = '<p>text</p><a href="/a">x</a>'

    @pytest.mark.parametrize(
        ("head", "header", "noindex", "nofollow"),
        [
            ("", "", False, False),
            ('<meta name="ROBOTS" content="NoIndex, follow">', "", True, False),
            ('<meta name="robots" content="none">', "", True, True),
            ('<meta name="testbot" content="nofollow">', "", False, True),
            ('<meta name="otherbot" content="noindex">', "", False, False),
            ('<meta content="noindex">', "", False, False),
            ("", "noindex", True, False),
            ("", "otherbot: noindex, nofollow", False, False),
            ("", "otherbot: noindex\nnofollow", False, True),
            ("", "Testbot: noindex", True, False),
            ("", "unavailable_after: 25 Jun 2030 15:00:00 PST, nofollow", False, True),
            ('<meta name="robots" content="noindex">', "nofollow", True, True),
        ],
    )
    def test_directives(self, head, header, noindex, nofollow):
        parsed = parse(head + self.LINK, header=header)
        assert (parsed.noindex, parsed.nofollow) == (noindex, nofollow)
        assert parsed.reason == (Reason.NOINDEX if noindex else None)
        assert text_of(parsed) == ("" if noindex else "text x")
        assert urls(parsed) == ([] if nofollow else ["http://site.example/a"])

    def test_a_link_may_say_nofollow(self):
        parsed = parse('<a rel="External NoFollow" href="/a">x</a><a rel=external href="/b">x</a>')
        assert urls(parsed) == ["http://site.example/b"]

    def test_a_seed_that_does_not_obey_still_records(self):
        page = '<meta name="robots" content="none"><a rel=nofollow href="/a">x</a>'
        parsed = parse(page, obey_robots=False)
        assert (parsed.noindex, parsed.nofollow, parsed.reason) == (True, True, None)
        assert urls(parsed) == ["http://site.example/a"]


HOSTILE = {
    "deep": "<div>" * 200_000,
    "deep links": "<a href=x>" * 100_000,
    "attributes": "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">",
    "hidden attributes": "<p a='>' " + "/".join(f"a{number}" for number in range(100_000)) + ">",
    "a huge attribute": f"<a href='{'x' * 1_000_000}'>x</a>",
    "open tags": "<" * 1_000_000,
    "open comments": "<!--" * 250_000,
    "open quotes": '<a "' * 200_000 + "<a ='\"" * 100_000,
    "references": "&#x1;&ampx" * 100_000,
    "end tags": "</p></x>" * 120_000,
    "formatting": "<form><b><i><font>" * 50_000,
    "nested matches": "<div class=item>" * 250 + "<p>x</p>" * 20_000,
    "links": "".join(f"<a href=/{number}>x</a>" for number in range(60_000)),
    "titles": "<title>x</title>" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_is_bounded(name):
    rules = (
        field_of("a", "css", "div.item p"),
        field_of("b", "css", ".price::text"),
        field_of("c", "css", "div a::attr(href)"),
        field_of("d", "css", "div:has(p) ~ :is(p, a) ::text"),
        field_of("e", "xpath", "//div//p[last()]"),
    )
    began = time.process_time()
    parse(HOSTILE[name], collections=pages_of(*rules))
    assert time.process_time() - began < 5  # seconds; on a quiet machine none takes half a second


def test_a_tag_with_thousands_of_attributes_is_read_whole():
    attributes = " ".join(f"a{number}=1" for number in range(20_000))
    parsed = parse(f"<p>before</p><p {attributes}>in</p><p>after</p>")
    assert text_of(parsed) == "before in after"


def test_long_values_are_kept():
    page = f"<p title='{'x' * 100_000}'>{'y' * 10}</p>"
    assert (
        len(parse(page, collections=pages_of(field_of("t", "css", "p::attr(title)"))).records[0].values["t"])
        == 100_000
    )


class TestRefresh:
    def test_a_refresh_after_seconds_is_a_link(self):
        parsed = parse("<meta http-equiv=Refresh content='5; url=/next'><a href=/a>a</a>")
        assert (urls(parsed), parsed.moved_to) == (
            ["http://site.example/a", "http://site.example/next"],
            "",
        )

    @pytest.mark.parametrize("content", ["0; url=next", "0;URL='next'", "0, next", "0.5 url=next"])
    def test_a_refresh_at_once_is_a_redirect_by_the_base_of_the_page(self, content):
        page = f'<base href="/other/"><meta http-equiv="refresh" content="{content}">'
        assert parse(page).moved_to == "http://site.example/other/next"

    def test_the_header_counts_before_the_page_and_of_the_page_the_first(self):
        page = "<meta http-equiv=refresh content=0;a><meta http-equiv=refresh content=0;b>"
        assert parse(page).moved_to == "http://site.example/dir/a"
        rules = page_rules(CrawlPolicy(start_urls=()), ("http://site.example/",))
        fetched = msgspec.structs.replace(FETCHED, refresh="0; url=/c")
        assert parse_page(page.encode(), fetched, rules).moved_to == "http://site.example/c"

    @pytest.mark.parametrize(
        "content", ["0", "0; url=", "0;url=page.html", "0;url=page.html?utm_source=x", "0;url=javascript:a()"]
    )
    def test_a_page_that_refreshes_itself_is_a_page(self, content):
        assert parse(f"<meta http-equiv=refresh content='{content}'><p>x").moved_to == ""

    def test_one_for_visitors_without_scripts_is_a_link(self):
        parsed = parse("<noscript><meta http-equiv=refresh content='0;url=/plain'></noscript><p>text")
        assert (urls(parsed), parsed.moved_to) == (["http://site.example/plain"], "")


class TestMoreLinks:
    def test_frames_are_links_if_they_are_in_scope(self):
        parsed = parse("<frameset><FRAME SRC=/menu><frame src=/main></frameset>")
        assert urls(parsed) == ["http://site.example/menu", "http://site.example/main"]
        parsed = parse(
            "<iframe src=/inner></iframe><iframe src=//ads.example/x></iframe>"
            "<iframe src=about:blank></iframe>"
        )
        assert urls(parsed) == ["http://site.example/inner"]
        assert parsed.out_of_scope_sample == ("http://ads.example/x",)

    def test_other_languages_are_links_and_feeds_and_styles_are_not(self):
        parsed = parse(
            "<link rel=alternate hreflang=de href=/de/><link rel='Alternate' hreflang=x-default href=/>"
            "<link rel=alternate type=application/rss+xml href=/feed>"
            "<link rel='alternate stylesheet' href=/c>"
        )
        assert urls(parsed) == ["http://site.example/de/", "http://site.example/"]

    def test_links_in_pictures(self):
        parsed = parse("<svg><a xlink:href=/old><text>x</text></a><a href=/new></a></svg>")
        assert urls(parsed) == ["http://site.example/old", "http://site.example/new"]


def test_xhtml_whose_elements_have_a_prefix():
    page = (
        '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>T</h:title></h:head>'
        '<h:body><h:p>text <h:a href="/a">link</h:a></h:p></h:body></h:html>'
    )
    parsed = parse(page, "application/xhtml+xml")
    assert (parsed.title, text_of(parsed), urls(parsed)) == ("T", "text link", ["http://site.example/a"])


@pytest.mark.parametrize(
    "nested",
    [
        *(f"{open_tag}" * 320 for open_tag in ("<font>", "<span>", "<div>", "<li><b>")),
        "<ul><li>" * 240,
        "<table><tr><td>" * 130,
        "<span>" * 300 + "</span>" * 300,
    ],
)
def test_what_is_nested_deep_is_read_to_its_end(nested):
    parsed = parse(
        f"<title>T</title>{nested}<p>end <a href=/x>x</a> <i id=last>last</i>",
        collections=pages_of(field_of("last", "css", "#last")),
    )
    assert (text_of(parsed), urls(parsed)) == ("end x last", ["http://site.example/x"])
    assert values(parsed) == {"last": "last"}


def test_xml_that_is_nested_deep_is_read_to_its_end():
    source = f"<doc>{'<a>' * 1000}x{'</a>' * 1000}<link>/x</link></doc>"
    parsed = parse(source, content_type="application/xml")
    assert (text_of(parsed), urls(parsed)) == ("x /x", ["http://site.example/x"])


def listed(next_rule: dict[str, str], page: str, url: str = "http://site.example/list", **policy) -> Parsed:
    """A page of a list whose next page a rule names."""
    fields = [{"name": "t", "css": ":scope"}]
    plain = {"name": "things", "items": {"css": "li"}, "fields": fields, "next": next_rule}
    values = {"start_urls": ("http://site.example/",), "collections": (Collection.of(plain),), **policy}
    fetched = msgspec.structs.replace(FETCHED, url=url)
    return parse_page(page.encode(), fetched, page_rules(CrawlPolicy(**values), ("http://site.example/",)))


class TestNextPages:
    @pytest.mark.parametrize(
        ("rule", "page", "url"),
        [
            ({"css": "a.next"}, "<li>1<a class=next href='/list?page=2'>x</a>", "http://site.example/list?page=2"),
            ({"css": "b::attr(data-more)"}, "<li>1<b data-more='/list/2'>", "http://site.example/list/2"),
            ({"xpath": "//a[2]"}, "<li>1<a href=/a>a</a><a href=/b>b</a>", "http://site.example/b"),
            ({"json": "paging.next"}, "<script>var a = {paging: {next: '/more?c=1'}}</script>",
             "http://site.example/more?c=1"),
            ({"url": "page=+1"}, "<li>1", "http://site.example/list?page=2"),
            ({"url": "offset=+20"}, "<li>1", "http://site.example/list?offset=20"),
            ({"url": "/page/+1"}, "<li>1", "http://site.example/list/page/2"),
        ],
    )  # fmt: skip
    def test_the_next_page_is_a_link_as_deep_as_its_list(self, rule, page, url):
        links = listed(rule, page).outlinks
        (at,) = links.level
        link = links.unpack()[at]
        assert (link.url, link.level) == (url, True)
        assert all(not other.level for other in links.unpack() if other.url != url)

    @pytest.mark.parametrize(
        ("url", "after"),
        [
            ("http://site.example/list?a=b&page=7", "http://site.example/list?a=b&page=8"),
            ("http://site.example/list?page=x", None),
        ],
    )
    def test_pages_are_counted_on(self, url, after):
        links = listed({"url": "page=+1"}, "<li>1", url).outlinks.unpack()
        assert [link.url for link in links] == ([after] if after else [])

    def test_a_page_without_items_is_the_last(self):
        assert listed({"url": "page=+1"}, "<p>nothing").outlinks == NO_LINKS

    def test_a_next_page_is_followed_by_the_rules_of_all_links(self):
        page = "<li>1<a class=next rel=nofollow href=/2>x</a>"
        assert listed({"css": "a.next"}, page).outlinks == NO_LINKS
        assert listed({"css": "a.next"}, page, obey_robots=False).outlinks.level == (0,)
        page = "<li>1<a class=next href=/2>x</a>"
        assert listed({"css": "a.next"}, page, exclude=("*/2",)).outlinks.level == ()


def test_a_page_of_too_many_records_is_cut_with_a_warning():
    plain = {"name": "t", "items": {"css": "i"}, "fields": [{"name": "t", "css": ":scope"}]}
    parsed = parse("<p>" + "<i>x</i>" * 10_001, collections=(Collection.of(plain),))
    assert len(parsed.records) == 10_000
    parsed = parse("<p>" + f"<i>{'x' * 200_000}</i>" * 6, collections=(Collection.of(plain),))
    assert len(parsed.records) == 4
    assert parsed.warnings == ("only the first 1 MB of values of the page are read.",)
