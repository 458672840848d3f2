"""Bodies that are hard to read: too deep, too long, too many, broken, or written to do harm."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakeweb.answers import Answer, Behaviour
from tests.fakeweb.bad.case import TITLE, Case, group
from tests.fakeweb.misbehaviour import Lazy

HEAD = b"<!doctype html><title>A page</title>"
XML = "application/xml"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def _text(
    name: str,
    does: str,
    make: Callable[[], bytes],
    kind: str = "text/html; charset=utf-8",
    title: str = TITLE,
) -> Case:
    """A page that is stored; it is made when it is first asked for."""

    def answer() -> Behaviour:
        return Answer(body=make(), content_type=kind)

    return Case(name, does, Lazy(answer), body=None, title=title)


def _html(name: str, does: str, make: Callable[[], bytes]) -> Case:
    return _text(name, does, lambda: HEAD + make())


def _xml(name: str, does: str, document: str, title: str = TITLE) -> Case:
    return _text(name, does, document.encode, XML, title)


TEXTS = group(
    "Texts",
    [
        _html("deep-b", "100,000 nested `<b>`", lambda: b"<b>" * 100_000 + b"words"),
        _html("deep-div", "100,000 nested `<div>`", lambda: b"<div>" * 100_000 + b"words"),
        _html("deep-tables", "5,000 nested tables", lambda: b"<table><tr><td>" * 5000 + b"words"),
        _html("deep-lists", "20,000 nested lists", lambda: b"<ul><li>" * 20_000 + b"words"),
        _html("deep-svg", "20,000 nested elements of SVG", lambda: b"<svg>" + b"<g>" * 20_000),
        _html(
            "nested-anchors",
            "20,000 links that are not closed",
            lambda: b"".join(b"<a href=/%d>" % n for n in range(20_000)),
        ),
        _html(
            "misnested",
            "formatting elements that cross, 5,000 times",
            lambda: b"<b><i><p></b></i></p>" * 5000,
        ),
        _html(
            "huge-attribute", "an attribute of 5 MB", lambda: b'<p title="' + b"y" * 5_000_000 + b'">words'
        ),
        _html(
            "many-attributes",
            "20,000 attributes",
            lambda: b"<p" + b"".join(b" a%d=b" % n for n in range(20_000)) + b">",
        ),
        _html("huge-href", "a link of 2 MB", lambda: b'<a href="/' + b"y" * 2_000_000 + b'">words</a>'),
        _html(
            "many-links", "200,000 links", lambda: b"".join(b"<a href=/%d>n</a>" % n for n in range(200_000))
        ),
        _html(
            "many-hosts",
            "20,000 links to as many hosts",
            lambda: b"".join(b"<a href=//h%d.test/>n</a>" % n for n in range(20_000)),
        ),
        _html("long-line", "a line of 9 MB", lambda: b"<p>" + b"word " * 1_800_000),
        _html("long-word", "a word of 9 MB", lambda: b"<p>" + b"w" * 9_000_000),
        _html("many-breaks", "500,000 `<br>`", lambda: b"<br>" * 500_000),
        _html("many-entities", "500,000 `&amp;`", lambda: b"&amp;" * 500_000),
        _html("many-comments", "200,000 comments", lambda: b"<!---->" * 200_000),
        _html("open-comment", "a comment without an end", lambda: b"words<!-- " + b"y" * 100_000),
        _html("open-script", "a script without an end", lambda: b"words<script>" + b"if(a<b){}" * 10_000),
        _html("open-textarea", "a textarea without an end", lambda: b"words<textarea>" + b"<p>" * 10_000),
        _html("open-tag", "a tag without an end", lambda: b"words<p " + b"a=b " * 10_000),
        _html("plaintext", "`<plaintext>`", lambda: b"words<plaintext>" + b"</p>" * 1000),
        _html(
            "less-than-in-script",
            "`<` in a script",
            lambda: b"<script>for(i=0;i<n;i++){}" + b"a=b;" * 20_000 + b"</script>words",
        ),
        _html("tags-of-nothing", "`<` and `>` without names", lambda: b"<><< <3 </> <!> <?>" * 5000),
        _html(
            "nulls",
            "NULs in text, names and links",
            lambda: b"<p\0 a\0=b>wo\0rds<a href='/\0x'>n</a>" + b" words" * 200,
        ),
        _html("controls", "control characters", lambda: bytes(range(1, 27)) + b"<p>" + b"words " * 200),
        _html(
            "invalid-utf-8",
            "bytes that are not UTF-8",
            lambda: b"<p>\xff\xfe\xc0\x80\xed\xa0\x80 words" * 1000,
        ),
        _html(
            "odd-references",
            "references to no character",
            lambda: b"&#0;&#xD800;&#x110000;&#1;&#99999999999;&nix;" * 1000,
        ),
        _html(
            "odd-links",
            "links that lead nowhere",
            lambda: b"<base href='javascript:x'><a href='http://[/'>n<a href='//'>n<a href='\x01'>n",
        ),
        _html("frames", "a frameset", lambda: b"<frameset><frame src=/a><frame src=/b></frameset>"),
        _html(
            "data-link",
            "a data: URL of 1 MB",
            lambda: b'<a href="data:text/html;base64,' + b"QUFB" * 250_000 + b'">n</a>',
        ),
        _text(
            "huge-title",
            "a title of 2 MB",
            lambda: b"<title>" + b"A page " * 300_000,
            title=("A page " * 143)[:1000].strip(),
        ),
        _text(
            "control-title",
            "control characters in the title",
            lambda: b"<title>A\0 &#1;page</title>words",
            title="A\ufffd \x01page",
        ),
        _text("utf-16", "UTF-16", lambda: HEAD.decode().encode("utf-16"), "text/html"),
        _text("utf-7", "UTF-7, as it says", lambda: HEAD + b"+ADw-script+AD4-", "text/html; charset=utf-7"),
        _text(
            "wrong-charset",
            "UTF-8 that it calls windows-1252",
            lambda: HEAD + "gr\u00f6\u00dfe".encode(),
            "text/html; charset=windows-1252",
        ),
        _text("only-bom", "a byte order mark and nothing", lambda: b"\xef\xbb\xbf", title=""),
        _text("only-spaces", "spaces", lambda: b" \r\n\t" * 1000, title=""),
        _text("html-as-text", "HTML that it calls text", lambda: HEAD + b"words", "text/plain", title=""),
        _text(
            "broken-xhtml",
            "XHTML that is not well-formed",
            lambda: HEAD + b"<p>a & b<br>",
            "application/xhtml+xml",
        ),
        _xml(
            "xxe-file",
            "an entity that is a file",
            '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r><title>A page</title>&e;</r>',
        ),
        _xml(
            "xxe-http",
            "an entity that is on a server",
            '<!DOCTYPE r [<!ENTITY e SYSTEM "http://127.0.0.1:1/">]><r><title>A page</title>&e;</r>',
        ),
        _xml(
            "xxe-parameter",
            "a parameter entity on a server",
            '<!DOCTYPE r [<!ENTITY % e SYSTEM "http://127.0.0.1:1/">%e;]><r><title>A page</title></r>',
        ),
        _xml(
            "external-dtd",
            "a DTD on a server",
            '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><r><title>A page</title></r>',
        ),
        _xml(
            "billion-laughs",
            "entities in entities",
            f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r><title>A page</title>&l9;</r>',
        ),
        _xml(
            "quadratic-entities",
            "a long entity 10,000 times",
            f'<!DOCTYPE r [<!ENTITY e "{"y" * 50_000}">]><r><title>A page</title>{"&e;" * 10_000}</r>',
        ),
        _xml("deep-xml", "50,000 nested elements", "<r><title>A page</title>" + "<a>" * 50_000),
        _xml("broken-xml", "XML that is not well-formed", "<r><title>A page</title><b>x & y</c>"),
        _xml("no-xml", "no XML", "words", title=""),
    ],
)
