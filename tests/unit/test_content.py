"""A page's content stays the same, whatever a server makes anew at each visit, until a reader sees it."""

from __future__ import annotations

import pytest

from crawler.reading.content import (
    BadNoise,
    check_noise_line,
    compile_noise,
    content_signature,
    text_without_noise,
    values_signature,
)
from crawler.reading.document import Document
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord

PAGE = """<!doctype html><html><head><title>Assam</title>
<link rel="stylesheet" href="/a.css"><script nonce="n1">var t = 1</script></head><body>
<nav><a href="/tea?tab=1">Tea</a></nav><main><h1 class="big" id="top">Assam</h1>
<p>Malty and strong. <b>12.50 €</b></p><a href="/teas/assam">More</a>
<a href="/cart?add=7">Add</a><form><input type="hidden" name="csrf" value="1"></form></main>
<iframe src="https://ads.example/1"></iframe></body></html>"""


def document(markup: str, kind: str = "text/html", url: str = "https://tea.example/") -> Document:
    body = markup.encode()
    read = read_document(body, kind, "robots")
    read.url, read.body = url, body
    return read


def signature(markup: str, *noise: str, kind: str = "text/html") -> int:
    return content_signature(document(markup, kind), compile_noise(noise))


def changed(old: str, new: str, *noise: str, markup: str = PAGE) -> bool:
    assert old in markup
    return signature(markup, *noise) != signature(markup.replace(old, new), *noise)


MARKUP = {
    "a nonce": ('nonce="n1"', 'nonce="n2"'),
    "a token in a form": ('value="1"', 'value="8a7f"'),
    "a script": ("var t = 1", "var t = 2"),
    "the hash of an asset": ("/a.css", "/a.8f3e21.css"),
    "the order of attributes": ('class="big" id="top"', 'id="top" class="big"'),
    "a class": ('class="big"', 'class="bigger"'),
    "a comment": ("<main>", "<main><!-- rendered in 12 ms by web-7 -->"),
    "a comment in a word": ("Malty", "Mal<!-- 1 -->ty"),
    "white space": ("<p>Malty and", "\n\n  <p>Malty \t and"),
    "a style": ("<main>", "<style>p { color: red }</style><main>"),
    "an element within a word": ("strong.", "<span>strong</span>."),
    "a frame's address": ("https://ads.example/1", "https://ads.example/2"),
    "a link in a menu": ("/tea?tab=1", "/tea?tab=2"),
    "a session in a link": ("/teas/assam", "/teas/assam;jsessionid=8A7F8A7F8A7F8A7F8A7F1"),
    "tracking in a link": ("/teas/assam", "/teas/assam?utm_source=mail&amp;fbclid=x1"),
    "a token in a link": ("/cart?add=7", "/cart?add=7&amp;token=8a7f8a7f99"),
    "a moment in a link": ("/cart?add=7", "/cart?add=7&amp;_=1700000000123"),
    "a parameter without a meaning": ("/cart?add=7", "/cart?add=7&amp;x8f3k2=1"),
    "the fragment of a link": ("/teas/assam", "/teas/assam#reviews"),
    "the site's own origin": ('href="/teas/assam"', 'href="https://tea.example/teas/assam"'),
}


@pytest.mark.parametrize("kind", MARKUP)
def test_what_no_reader_sees_makes_no_change(kind: str) -> None:
    assert not changed(*MARKUP[kind])


CONTENT = {
    "a word": ("Malty", "Mild"),
    "a price": ("12.50", "9.90"),
    "a title": ("<title>Assam", "<title>Ceylon"),
    "a link": ("/teas/assam", "/teas/ceylon"),
    "the query of a link": ("add=7", "add=8"),
    "a new link": ("</main>", '<a href="/new"></a></main>'),
}


@pytest.mark.parametrize("kind", CONTENT)
def test_what_a_reader_sees_is_a_change(kind: str) -> None:
    assert changed(*CONTENT[kind])


def test_the_links_of_an_articles_own_header_count() -> None:
    page = "<body><header><a href='/a'>x</a></header><article><header><a href='/b'>y</a></header></article>"
    assert changed("/b", "/c", markup=page)
    assert not changed("/a", "/c", markup=page)


def test_a_document_that_is_no_html_is_compared_by_its_text_or_else_its_bytes() -> None:
    assert signature("a  b", kind="text/plain") == signature("a b", kind="text/plain")
    assert signature("a b", kind="text/plain") != signature("a c", kind="text/plain")
    assert signature("<img src=1>") != signature("<img src=2>")


def test_elements_are_left_out_with_their_text_and_their_links() -> None:
    page = '<body><main>Tea<div class="ad">Buy 1 <a href="/ad/1">now</a></div></main>'
    assert changed("Buy 1", "Buy 2", markup=page)
    assert not changed('Buy 1 <a href="/ad/1">', 'Get 2 <a href="/ad/2">', "css: .ad", markup=page)
    assert changed("Tea", "Coffee", "css: .ad", markup=page)


def test_elements_are_left_out_of_xml_too() -> None:
    feed = "<rss><channel><title>Tea</title><seen>1</seen></channel></rss>"
    assert signature(feed, kind="text/xml") != signature(feed.replace("1", "2"), kind="text/xml")
    left_out = signature(feed, "css: seen", kind="text/xml")
    assert left_out == signature(feed.replace("1", "2"), "css: seen", kind="text/xml")
    assert left_out != signature(feed.replace("Tea", "Coffee"), "css: seen", kind="text/xml")


def test_what_a_pattern_takes_is_left_out_of_text_and_title() -> None:
    page = "<title>(3) Tea</title><p>Request id: 8f3a77. Malty"
    noise = (r"re: Request id: [0-9a-f]+", r"re: ^\([0-9]+\)")
    assert not changed("8f3a77", "00aa11", *noise, markup=page)
    assert not changed("(3)", "(14)", *noise, markup=page)
    assert changed("Malty", "Mild", *noise, markup=page)


def test_the_order_of_the_lines_makes_no_other_noise() -> None:
    assert compile_noise(["dates", "css: .a"]) == compile_noise(["css: .a", "dates", "dates"])
    assert compile_noise([]).signature == 0
    assert compile_noise(["dates"]).signature != compile_noise(["counters"]).signature != 0


def without(kind: str, text: str) -> str:
    return text_without_noise(Document("utf-8", text), compile_noise([kind]))


@pytest.mark.parametrize(
    "moment",
    [
        *("2026-11-27", "2026-11-27T07:30:00Z", "11/27/2026", "27.11.2026", "2026/11/27 07:30"),
        *("27 November 2026", "Nov 27, 2026", "Friday, November 27th, 2026 at 7:30 PM", "Mar 2026"),
        *("27. November 2026 um 07:30 Uhr", "27 novembre 2026", "27 de noviembre de 2026", "1er août 2026"),
        *("07:30", "7:30 pm", "7 p.m.", "23:59:59 UTC", "8 Uhr"),
        *("3 minutes ago", "1 minute ago", "an hour ago", "2h ago", "1 hour, 20 minutes ago", "just now"),
        *("in 5 days", "yesterday", "vor 3 Minuten", "vor einer Stunde", "il y a 2 heures", "hace 3 días"),
        *("5 minuti fa", "há 2 horas", "2 dias atrás", "3 dagen geleden", "gestern", "aujourd’hui"),
    ],
)
def test_dates_are_left_out_whole(moment: str) -> None:
    assert without("dates", f"Posted {moment} by Ada") == "Posted by Ada"


@pytest.mark.parametrize(
    "text", ["12.50 €", "Tea 2026", "may contain nuts", "4711-0815", "a sad man", "hint 5"]
)
def test_what_is_no_date_stays(text: str) -> None:
    assert without("dates", text) == text


@pytest.mark.parametrize(
    "count",
    [
        *(
            "1,234 views",
            "1 view",
            "1.234 Aufrufe",
            "12 other people",
            "1 person",
            "3 new comments",
            "2.5k likes",
        ),
        *(
            "1 234 vues",
            "7 Bewertungen",
            "Views: 1,234",
            "Comments (12)",
            "3 mal",
            "5 visualizações",
            "10 volte",
        ),
    ],
)
def test_counts_are_left_out_whole(count: str) -> None:
    assert without("counters", f"Tea {count} today") == "Tea today"


@pytest.mark.parametrize("text", ["12.50 €", "100 g of tea", "Only 3 left", "5 stars", "2026"])
def test_what_is_no_count_stays(text: str) -> None:
    assert without("counters", text) == text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ads", "says not what to leave out"),
        ("css:", "Nothing follows"),
        ("css: a[", "not a CSS selector"),
        ("css: body", "whole pages"),
        ("re: (a", "not a regular expression"),
        ("re: a(?=b)", "looks ahead"),
        ("re: x*", "where nothing stands"),
        ("re: .+", "every text as a whole"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_a_sentence(line: str, words: str) -> None:
    with pytest.raises(BadNoise, match=words):
        check_noise_line(line)


def test_a_line_is_tidied() -> None:
    lines = [" Dates", "CSS:  .ads , #x", "re:Seen [0-9]+"]
    assert [check_noise_line(line) for line in lines] == ["dates", "css: .ads , #x", "re: Seen [0-9]+"]


def records(price: float, sku: str = "a") -> list[ReadRecord]:
    first = ReadRecord(collection="teas", key=(sku,), values={"price": price, "name": "Assam"})
    return [first, ReadRecord(collection="teas", position=1, key=("b",), values={"price": 1})]


def test_values_are_the_same_in_whatever_order_they_were_read() -> None:
    same = [*reversed(records(9.9))]
    same[1] = ReadRecord(collection="teas", position=4, key=("a",), values={"name": "Assam", "price": 9.9})
    assert values_signature(records(9.9)) == values_signature(same)
    assert values_signature(records(9.9)) != values_signature(records(9.8))
    assert values_signature(records(9.9)) != values_signature(records(9.9, "c"))
    assert values_signature([]) == 0
