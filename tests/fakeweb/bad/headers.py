"""Header fields that are broken, or that say what is not so."""

from __future__ import annotations

from tests.fakeweb.answers import Answer
from tests.fakeweb.bad.case import Case, failing, group
from tests.fakeweb.misbehaviour import PAGE, Raw, ok

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + b"words " * 200
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4
RANDOM = bytes((number * 7919) % 251 for number in range(3000))


def _typed(value: bytes, body: bytes = PAGE) -> Raw:
    """An answer with these lines of Content-Type."""
    head = b"HTTP/1.1 200 OK\r\n" + value + b"Content-Length: %d\r\n\r\n" % len(body)
    return Raw(head + body, end="open")


def _kind(name: str, value: str) -> Case:
    line = f"Content-Type: {value}\r\n".encode("latin-1")
    return Case(
        f"type-{name}", f"`Content-Type: {value}`" if value else "an empty Content-Type", _typed(line)
    )


def _skipped(name: str, does: str, behaviour: Raw | Answer) -> Case:
    return Case(name, does, behaviour, "skipped", "content_type", 200, b"", "")


def _field(name: str, does: str, field: bytes) -> Case:
    return Case(name, does, Raw(ok(field), end="open"))


HEADERS = group(
    "Header fields",
    [
        _kind("in-capitals", "TEXT/HTML; CHARSET=UTF-8"),
        _kind("without-semicolon", "text/html charset=utf-8"),
        _kind("with-semicolons", "text/html;;;charset=utf-8;"),
        _kind("half-quoted", 'text/html; charset="utf-8'),
        _kind("in-quotes", '"text/html"'),
        _kind("repeated", "text/html, text/html"),
        _kind("of-one-word", "html"),
        _kind("with-backslash", "text\\html"),
        _kind("any", "*/*"),
        _kind("empty", ""),
        _kind("unknown", "application/unknown"),
        _kind("of-charset-alone", "; charset=utf-8"),
        _kind("charset-unknown", "text/html; charset=klingon"),
        _kind("charset-empty", "text/html; charset="),
        Case(
            "type-long",
            "300 bytes before the charset",
            _typed(b"Content-Type: text/html; x=" + b"y" * 300 + b"; charset=utf-8\r\n"),
        ),
        Case(
            "type-controls",
            "control characters in Content-Type",
            _typed(b"Content-Type: te\x01xt/html\x7f\r\n"),
        ),
        Case(
            "type-twice",
            "two Content-Types",
            _typed(b"Content-Type: text/html\r\nContent-Type: text/html; charset=utf-8\r\n"),
        ),
        Case("no-content-type", "no Content-Type", _typed(b"")),
        _skipped("untyped-binary", "no Content-Type, and a PNG", _typed(b"", PNG)),
        _skipped("image", "an image", Answer(body=PNG, content_type="image/png")),
        _skipped(
            "octets", "application/octet-stream", Answer(body=PAGE, content_type="application/octet-stream")
        ),
        failing("pdf-as-html", "a broken PDF that it calls HTML", Answer(body=PDF), "unreadable", status=200),
        _skipped("png-as-text", "a PNG that it calls text", Answer(body=PNG, content_type="text/plain")),
        _skipped(
            "zip-as-xml", "a ZIP that it calls XML", Answer(body=b"PK\3\4" + RANDOM, content_type="text/xml")
        ),
        _skipped("random-as-html", "any bytes that it calls HTML", Answer(body=RANDOM)),
        _skipped(
            "gzip-without-a-word",
            "gzip bytes without Content-Encoding",
            Answer(body=b"\x1f\x8b\x08" + RANDOM),
        ),
        failing("null-in-header", "a NUL in a field", Raw(ok(b"X-Null: a\0b")), "bad_response"),
        failing(
            "null-in-type", "a NUL in Content-Type", _typed(b"Content-Type: text/html\0\r\n"), "bad_response"
        ),
        failing("field-without-colon", "a field without a colon", Raw(ok(b"words")), "bad_response"),
        failing("space-in-name", "a space in a field's name", Raw(ok(b"X A: b")), "bad_response"),
        failing("space-before-colon", "a space before the colon", Raw(ok(b"X-A : b")), "bad_response"),
        failing("empty-name", "a field without a name", Raw(ok(b": b")), "bad_response"),
        _field("folded-header", "a field on two lines", b"X-Folded: a\r\n  b"),
        _field("latin-1-header", "Latin-1 in a field", b"X-Latin: gr\xf6\xdfe"),
        _field("utf-8-header", "UTF-8 in a field", "X-Utf-8: gr\u00f6\u00dfe".encode()),
        _field("controls-in-header", "control characters in a field", b"X-Control: \x01\x1b[31m\x7f"),
        _field("controls-in-etag", "control characters in ETag", b'ETag: "a\x01\x1b\x0b\x7fb"'),
        _field("latin-1-etag", "Latin-1 in ETag", b'ETag: "gr\xf6\xdfe"'),
        _field("long-etag", "an ETag of 20 KB", b'ETag: "' + b"y" * 20_000 + b'"'),
        _field("folded-etag", "an ETag on two lines", b'ETag: "a\r\n b"'),
        _field(
            "controls-in-date", "control characters in Last-Modified", b"Last-Modified: yester\x01day\x7f"
        ),
        _field("odd-retry-after", "Retry-After of 5,000 digits", b"Retry-After: " + b"9" * 5000),
        _field("huge-cookie", "a cookie of 30 KB", b"Set-Cookie: a=" + b"y" * 30_000),
        _field("odd-robots-tag", "control characters in X-Robots-Tag", b"X-Robots-Tag: \x01all\x7f"),
        _field("odd-link", "a Link field that leads nowhere", b"Link: <<<>>>; rel=\x01"),
        Case(
            "robots-tag",
            "X-Robots-Tag: noindex",
            Raw(ok(b"X-Robots-Tag: noindex"), end="open"),
            "skipped",
            "noindex",
            title="",
        ),
    ],
)
