"""Pointing: nothing of a page acts in its rendering, and every text of it can be chosen."""

from __future__ import annotations

import re

import pytest
from turbohtml import parse

from crawler.collections import Collection
from crawler.reading.pointing.point import point
from crawler.reading.pointing.rendering import LENGTH, TEXTS
from crawler.reading.reader import read_document

ATTACKS = [
    "<script>evil()</script>",
    "<p onclick=evil()>text</p>",
    '<a href="javascript:evil()">text</a>',
    '<form action="https://evil.example/"><input name=a value=b><button>text</button></form>',
    '<iframe src="https://evil.example/"></iframe>',
    '<iframe srcdoc="<script>evil()</script>"></iframe>',
    '<object data="https://evil.example/"></object><embed src="https://evil.example/">',
    '<meta http-equiv=refresh content="0;url=https://evil.example/">',
    '<base href="https://evil.example/"><link rel=stylesheet href="https://evil.example/">',
    '<img src="https://evil.example/x" onerror=evil() alt=\'"><script>evil()</script>\'>',
    '<style>@import "https://evil.example/"; p { background: url(https://evil.example/) }</style>',
    '<p style="background: url(https://evil.example/)">text</p>',
    '<svg onload=evil()><a xlink:href="https://evil.example/"><text>text</text></a></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=evil()></style></table></math>",
    '<noscript><p title="</noscript><img src=x onerror=evil()>"></noscript>',
    "<template><script>evil()</script></template>",
    "<xmp><script>evil()</script></xmp><plaintext><script>evil()</script>",
    "&lt;script&gt;evil()&lt;/script&gt;",
    '<td colspan="1 onclick=evil()">text</td>',
    "<video poster=https://evil.example/><source src=https://evil.example/></video>",
    '<p id="e1" class="at" target=_top>text</p>',
    "<custom-tag onclick=evil()><p>text",
    "<textarea></textarea><script>evil()</script>",
    "<textarea>&lt;/textarea>&lt;script>evil()&lt;/script></textarea><select><option>text</select>",
]
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "a",
    "span",
    "div",
    "br",
    "hr",
    "abbr",
    "b",
    "cite",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "mark",
    "q",
    "s",
    "small",
    "strong",
    "sub",
    "sup",
    "time",
    "u",
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "dd",
    "details",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
}


def document(html: str):
    return read_document(html.encode(), "text/html; charset=utf-8", "robots")


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_rendering_holds_tags_and_attributes_of_ours_only(attack: str):
    page = point(document(f"<p>before</p>{attack}<p>after</p>")).page
    elements = parse(page).root.find_all()
    assert {element.tag for element in elements} <= TAGS
    for element in elements:
        for name in element.attrs:
            value = element.attr(name) or ""
            allowed = {
                "id": r"e\d+",
                "class": r"(item|field|at|box| )+",
                "href": r"\.\./point/\?at=\d+",
                "target": "_top",
                "colspan": r"\d{1,3}",
                "rowspan": r"\d{1,3}",
                "charset": "utf-8",
            }
            assert re.fullmatch(allowed[name], value), (element.tag, name, value)
    assert len([element for element in elements if element.tag == "style"]) == 1
    assert "evil.example" not in page or "url" not in page


def test_no_page_makes_an_endless_rendering():
    page = point(document("<div>" * 3000 + "<p>x</p>" * 20_000 + f"<p>{'y' * 100_000}</p>")).page
    assert len(page) < 2_000_000
    many = point(document("<p>x</p>" * 20_000)).page
    assert many.count("<a ") <= TEXTS + 1
    assert f"first {TEXTS:,}" in many
    assert "y" * LENGTH not in point(document(f"<p>{'y' * 100_000}</p>")).page


def test_each_text_is_a_link_to_its_element():
    read = document(
        '<ul><li class="tea"><b>Assam</b> <i>4 €</i><li class="tea"><b>Darjeeling</b> <i>9 €</i></ul>'
    )
    number = int(re.search(r'at=(\d+)" target="_top">9 €', point(read).page)[1])
    chosen = point(read, None, number)
    assert chosen.words == "i"
    assert [up.words for up in chosen.around] == ["li.tea", "ul"]
    assert (chosen.lists[0].selector, chosen.lists[0].matches, chosen.lists[0].name) == ("li.tea", 2, "teas")
    teas = Collection.of({"name": "teas", "items": {"css": "li.tea"}, "fields": []})
    field = point(read, teas, number).fields[0]
    assert (field.selector, field.matches, field.of, field.name, field.type) == ("i", 2, 2, "price", "money")
    assert field.values == ["4 €", "9 €"]


def test_what_lies_outside_of_the_items_is_no_field_of_them():
    read = document("<h1>Teas</h1><ul><li class=tea>Assam<li class=tea>Darjeeling</ul>")
    teas = Collection.of({"name": "teas", "items": {"css": "li.tea"}, "fields": []})
    number = int(re.search(r'at=(\d+)" target="_top">Teas', point(read).page)[1])
    chosen = point(read, teas, number)
    assert not chosen.in_item
    assert chosen.fields == []
    assert point(read, teas, 10**6).at is None


def test_words_stay_apart_and_pictures_have_names():
    page = point(
        document('<p><s>9 €</s> <b>7 €</b><img src="data:image/gif;base64,R0"><img src="/a/tea.jpg?x"></p>')
    ).page
    assert "</s> <b" in page
    assert "base64" not in page
    assert ">img<" in page
    assert ">tea.jpg<" in page
