"""Sitemaps and feeds in every form, whole, broken and hostile."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading import sitemap_xml
from crawler.reading.sitemap_xml import MAX_URLS, SitemapKind
from crawler.reading.sitemaps import read_sitemap
from crawler.sizes import SITEMAP_BYTES

URL = "http://e.org/maps/sitemap.xml"
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*entries: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {XMLNS}>{"".join(entries)}</urlset>'.encode(
        errors="surrogatepass"
    )


def entry(url: str, lastmod: str = "") -> str:
    return f"<url><loc>{url}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</url>\n"


def urls(body: bytes) -> list[str]:
    return [found.url for found in read_sitemap(body, URL).entries]


def stamp(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()


def test_urlset():
    found = read_sitemap(
        urlset(entry("http://e.org/a", "2024-02-03"), entry(" http://e.org/b?x=1&amp;y=2\n")), URL
    )
    assert found.kind is SitemapKind.URLSET
    assert [(one.url, one.lastmod) for one in found.entries] == [
        ("http://e.org/a", stamp(2024, 2, 3)),
        ("http://e.org/b?x=1&y=2", None),
    ]
    assert found.warnings == ()


def test_index():
    body = f"""<sitemapindex {XMLNS}><sitemap><loc>http://e.org/1.xml.gz</loc>
    <lastmod>2024-01-02T03:04:05+01:00</lastmod></sitemap></sitemapindex>"""
    found = read_sitemap(body.encode(), URL)
    assert found.kind is SitemapKind.INDEX
    assert [(one.url, one.lastmod) for one in found.entries] == [
        ("http://e.org/1.xml.gz", stamp(2024, 1, 2, 2, 4, 5))
    ]


def test_other_namespaces_do_not_mix_in():
    body = f"""<urlset {XMLNS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>
    <image:image><image:loc>http://e.org/i.png</image:loc></image:image><loc>http://e.org/a</loc>
    <image:image><image:loc>http://e.org/j.png</image:loc></image:image></url></urlset>"""
    assert urls(body.encode()) == ["http://e.org/a"]


def test_text():
    found = read_sitemap(
        b"\xef\xbb\xbfhttp://e.org/a\r\n\r\n  https://e.org/b \nnot a url\nhttp://e.org/a\n", URL
    )
    assert found.kind is SitemapKind.TEXT
    assert [one.url for one in found.entries] == ["http://e.org/a", "https://e.org/b"]
    assert found.warnings == ("Entries that are no http or https URLs: 1.",)


def test_rss():
    body = b"""<?xml version="1.0"?><rss version="2.0"><channel><link>http://e.org/</link>
    <image><url>http://e.org/logo.png</url><link>http://e.org/</link></image>
    <item><title>One</title><image><url>http://e.org/i.png</url></image>
      <link>http://e.org/1</link><guid isPermaLink="false">17</guid>
      <pubDate>Tue, 10 Jun 2003 04:00:00 GMT</pubDate></item>
    <item><guid>http://e.org/2</guid></item><item><title>None</title></item></channel></rss>"""
    found = read_sitemap(body, URL)
    assert found.kind is SitemapKind.FEED
    assert [(one.url, one.lastmod) for one in found.entries] == [
        ("http://e.org/1", stamp(2003, 6, 10, 4)),
        ("http://e.org/2", None),
    ]


def test_rss_1():
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><link>http://e.org/</link></channel>
    <item rdf:about="http://e.org/1"><link>http://e.org/1</link><dc:date>2003-06-10</dc:date></item></rdf:RDF>"""
    found = read_sitemap(body, URL)
    assert [(one.url, one.lastmod) for one in found.entries] == [("http://e.org/1", stamp(2003, 6, 10))]


def test_atom():
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/"><link href="http://e.org/"/>
    <entry><link rel="edit" href="/edit"/><link href="one"/><published>2020-01-01T00:00:00Z</published>
      <updated>2024-01-01T00:00:00Z</updated><content><p>link: <link href="x"/></p></content></entry>
    <entry><link rel="alternate" href="http://e.org/two"/></entry></feed>"""
    found = read_sitemap(body, URL)
    assert found.kind is SitemapKind.FEED
    assert [(one.url, one.lastmod) for one in found.entries] == [
        ("http://e.org/blog/one", stamp(2024, 1, 1)),
        ("http://e.org/two", None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding):
    body = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><urlset>{entry("http://e.org/é")}</urlset>'
    assert urls(body.encode(encoding)) == ["http://e.org/%C3%A9"]


def test_gzip_in_one_member_or_several():
    body = urlset(entry("http://e.org/a"), entry("http://e.org/b"))
    assert urls(gzip.compress(body)) == ["http://e.org/a", "http://e.org/b"]
    assert urls(gzip.compress(body[:50]) + gzip.compress(body[50:])) == ["http://e.org/a", "http://e.org/b"]
    assert urls(gzip.compress(b"http://e.org/a\n")) == ["http://e.org/a"]


def test_a_gzip_file_that_ends_early_gives_its_beginning():
    body = gzip.compress(urlset(*(entry(f"http://e.org/{n}/{n**7}") for n in range(20_000))))
    found = read_sitemap(body[: len(body) // 2], URL)
    assert 1_000 < len(found.entries) < 20_000
    assert found.warnings[0].startswith("The gzip file is damaged: ")


@pytest.mark.parametrize(
    "body",
    [
        b"<urlset><url><loc>http://e.org/a</loc></url><url><loc>http://e.org/b</loc><last",
        b"<urlset><url><loc>http://e.org/a</loc></url><url><loc>http://e.org/b</loc></url><url><loc>http://e.or",
        b"<urlset><url><loc>http://e.org/a</loc><url><loc>http://e.org/b</loc></url></urlset>",
        b"<urlset><url><loc>http://e.org/a</Loc></url><url><loc>http://e.org/b</loc></url></urlset>",
        b"<urlset><url><loc>http://e.org/a</loc></url>\x01<url><loc>http://e.org/b</loc></url></urlset>",
        b"<urlset>&nbsp;<url><loc>http://e.org/a</loc></url><url><loc>http://e.org/b</loc></url></urlset>",
    ],
)
def test_broken_xml_gives_what_can_be_read_and_a_warning(body):
    found = read_sitemap(body, URL)
    assert [one.url for one in found.entries] == ["http://e.org/a", "http://e.org/b"]
    assert found.warnings[0].startswith("Broken XML")


def test_a_bare_ampersand_does_not_change_the_url():
    body = urlset(entry("http://e.org/?a=1&b=2&copy=3&amp;d"), entry("<![CDATA[http://e.org/?a&b]]>"))
    found = read_sitemap(body, URL)
    assert [one.url for one in found.entries] == ["http://e.org/?a=1&b=2&copy=3&d", "http://e.org/?a&b"]
    assert found.warnings == ("Broken XML: a bare & was read as &amp;.",)


@pytest.mark.parametrize(
    "broken", ["<!-- a -- b -->", "<br>", '<a b="1" b="2"/>', "\x01", "<open>", "&nbsp;"]
)
def test_damage_does_not_change_the_urls_after_it(broken):
    body = urlset(broken, entry("http://e.org/?x=1&amp;y=2&quot;"), entry("http://e.org/?x=1&#38;y=2"))
    assert urls(body) == ["http://e.org/?x=1&y=2%22", "http://e.org/?x=1&y=2"]


def test_white_space_before_the_declaration():
    assert urls(b"\n\n" + urlset(entry("http://e.org/a"))) == ["http://e.org/a"]


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"<", b"<!-- -->", b"<html><a href='x'>", b"Not found", b"\x1f\x8b", b"{}"]
)
def test_what_is_no_sitemap(body):
    found = read_sitemap(body, URL)
    assert found.kind is SitemapKind.UNKNOWN
    assert found.entries == ()
    assert found.warnings


def test_entities_are_never_looked_up(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("http://e.org/secret")
    for encoding in ("utf-8", "utf-16"):
        body = f"""<?xml version="1.0" encoding="{encoding}"?>
        <!DOCTYPE urlset [<!ENTITY a SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>
        <urlset>{entry("&a;")}{entry("http://e.org/b")}</urlset>"""
        assert "secret" not in "".join(urls(body.encode(encoding)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_billion_laughs_stay_small(encoding):
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a0 "ha">{levels}]>'
    began = time.process_time()
    found = read_sitemap(f"{body}<urlset>{entry('http://e.org/&a9;')}</urlset>".encode(encoding), URL)
    assert time.process_time() - began < 1
    assert sum(len(one.url) for one in found.entries) < 10_000


def test_no_more_than_50_000_urls():
    found = read_sitemap(urlset(*(entry(f"http://e.org/{n}") for n in range(MAX_URLS + 10))), URL)
    assert len(found.entries) == MAX_URLS
    assert found.warnings == (f"More than {MAX_URLS} entries: the rest was left out.",)
    lines = "\n".join(f"http://e.org/{n}" for n in range(MAX_URLS + 10))
    assert len(urls(lines.encode())) == MAX_URLS


def test_no_more_than_50_megabytes():
    bomb = gzip.compress(
        urlset(entry("http://e.org/a"), " " * (SITEMAP_BYTES + 1000), entry("http://e.org/b"))
    )
    found = read_sitemap(bomb, URL)
    assert [one.url for one in found.entries] == ["http://e.org/a"]
    assert found.warnings[0] == "Larger than 50 MB: the rest was left out."


def test_no_more_than_so_many_elements(monkeypatch):
    monkeypatch.setattr(sitemap_xml, "MAX_ELEMENTS", 1000)
    found = read_sitemap(urlset(entry("http://e.org/a"), "<x/>" * 2000, entry("http://e.org/b")), URL)
    assert [one.url for one in found.entries] == ["http://e.org/a"]
    assert found.warnings == ("Too many elements: the rest was left out.",)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2004", stamp(2004, 1, 1)),
        ("2004-12", stamp(2004, 12, 1)),
        ("2004-12-23", stamp(2004, 12, 23)),
        ("2004-12-23T18:00:15Z", stamp(2004, 12, 23, 18, 0, 15)),
        ("2004-12-23T18:00+02:00", stamp(2004, 12, 23, 16)),
        ("2004-12-23 18:00:15", stamp(2004, 12, 23, 18, 0, 15)),
        ("Thu, 23 Dec 2004 18:00:15 +0000", stamp(2004, 12, 23, 18, 0, 15)),
        ("2004-13-01", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:00", stamp(1, 1, 1) - 23 * 3600),
    ],
)
def test_dates(date, expected):
    assert read_sitemap(urlset(entry("http://e.org/a", date)), URL).entries[0].lastmod == expected


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"<urlset><url><loc>", b"\x1f\x8b\x08", b"<rss><item><link>"]),
)
def test_nothing_raises(body, start):
    assert isinstance(read_sitemap(start + body, URL).entries, tuple)


PAGE, PART = "<url><loc>http://e.org/a</loc></url>", "<sitemap><loc>http://e.org/a</loc></sitemap>"


@pytest.mark.parametrize(
    ("body", "is_sitemap"),
    [
        (f"<sitemap>{PAGE}</sitemap>", False),
        (f"<root><urlset>{PAGE}</urlset></root>", False),
        (f"<?xml version='1.0'?><root><x/><urlset>{PAGE}</urlset></root>", False),
        (f"<urls>{PAGE}</urls>", False),
        (f"<sitemapindex>{PAGE}</sitemapindex>", False),
        (f"<urlset>{PART}</urlset>", True),
        (f"<sitemaps>{PART}</sitemaps>", True),
        ("<urlset><loc>http://e.org/a</loc></urlset>", False),
        ("<sitemapindex><loc>http://e.org/a</loc></sitemapindex>", True),
        (f"<urlset><page>{PAGE}</page></urlset>", False),
        ("<urlset><url><x><loc>http://e.org/a</loc></url></urlset>", False),
        (f"<br />\n<b>Warning</b>: date() in /x.php on line 3<br />\n<urlset>{PAGE}</urlset>", False),
        (f"Notice: x\n<?xml version='1.0'?><urlset>{PAGE}</urlset>", False),
        ("<items><item><link>http://e.org/a</link></item></items>", False),
        ("<rss><item><image><link>/i</link></image><link>http://e.org/a</link></item></rss>", False),
        ("<rss><item><description>x<br>y</description><link>http://e.org/a</link></item></rss>", False),
        ("<feed><entry><source><link href='/s'/></source><link href='/a'/></entry></feed>", False),
    ],
)
def test_what_is_listed_is_read_whatever_is_around_it(body, is_sitemap):
    listed = [(found.url, found.is_sitemap) for found in read_sitemap(body.encode(), URL).entries]
    assert listed == [("http://e.org/a", is_sitemap)]


def test_many_tags_that_are_never_closed_hide_no_entry():
    items = "".join(f"<item><description>a<br>b</description><link>/{at}</link></item>" for at in range(900))
    assert len(urls(f"<rss><channel>{items}</channel></rss>".encode())) == 900


def test_each_address_of_an_entry_is_one():
    body = b"<urlset><url><loc>http://e.org/a</loc><loc>http://e.org/b</loc></url></urlset>"
    assert urls(body) == ["http://e.org/a", "http://e.org/b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_ampersands_in_attributes_stay(encoding):
    links = "".join(f'<entry><link href="/?{query}"/></entry>' for query in ("x=1&amp;y=2", "x=3&#38;y=4"))
    body = f"<?xml version='1.0' encoding='{encoding}'?><feed>{links}</feed>"
    assert urls(body.encode(encoding)) == ["http://e.org/?x=1&y=2", "http://e.org/?x=3&y=4"]


def test_bases_of_a_feed_its_entries_and_their_links_add_up():
    body = b"""<feed xml:base="/blog/"><entry xml:base="2024/"><link href="one"/></entry>
    <entry><link xml:base="//f.org/x/" href="two"/></entry><entry><link href="three"/></entry></feed>"""
    assert urls(body) == ["http://e.org/blog/2024/one", "http://f.org/x/two", "http://e.org/blog/three"]


@pytest.mark.parametrize(
    "body",
    [b"<urlset></urlset>", b"<sitemapindex/>", b"<rss><channel><link>http://e.org/</link></channel></rss>"],
)
def test_a_file_that_lists_nothing_says_so(body):
    found = read_sitemap(body, URL)
    assert found.entries == ()
    assert found.warnings == ("It lists no addresses.",)
