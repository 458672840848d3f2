"""Where an answer begins and ends: status lines, lengths, chunks, transfer codings."""

from __future__ import annotations

import gzip

from tests.fakeweb.bad.case import Case, failing, group
from tests.fakeweb.misbehaviour import HTML, PAGE, Raw, chunk, chunked, coded_for_transfer, ok

_GZIPPED = gzip.compress(PAGE)
_END = b"0\r\n\r\n"


def _first_line(line: bytes) -> Raw:
    return Raw(ok().replace(b"HTTP/1.1 200 OK", line, 1), end="open")


def _length(value: bytes, body: bytes = PAGE) -> Raw:
    return Raw(b"HTTP/1.1 200 OK\r\n" + HTML + b"Content-Length:" + value + b"\r\n\r\n" + body)


def _lengths(first: int, second: int) -> Raw:
    return _length(b" %d\r\nContent-Length: %d" % (first, second))


def _transfer(*fields: bytes, body: bytes = chunk(PAGE) + _END, end: str = "open") -> Raw:
    lines = b"".join(b"Transfer-Encoding: " + field + b"\r\n" for field in fields)
    return Raw(b"HTTP/1.1 200 OK\r\n" + HTML + lines + b"\r\n" + body, end=end)


def _bad(name: str, does: str, behaviour: Raw) -> Case:
    return failing(name, does, behaviour, "bad_response")


FRAMING = group(
    "Framing",
    [
        _bad("not-http", "speaks SSH", Raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")),
        _bad("mail-server", "speaks SMTP", Raw(b"220 mail.test ESMTP\r\n")),
        _bad("garbage", "sends any bytes", Raw(bytes(range(256)) * 8)),
        _bad("zeros", "sends zeros", Raw(bytes(2000))),
        _bad("tls-alert", "answers plain HTTP with an alert of TLS", Raw(b"\x15\x03\x01\0\x02\x02\x46")),
        _bad("http-0.9", "sends a page without a head", Raw(PAGE)),
        _bad("http-2-preface", "speaks HTTP/2", Raw(b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64\0\4\0\x10\0\0\0\6")),
        _bad("bad-status", "a status of letters", Raw(b"HTTP/1.1 abc OK\r\n\r\n")),
        _bad("status-of-two-digits", "a status of two digits", Raw(b"HTTP/1.1 20 OK\r\n\r\n")),
        _bad("status-of-four-digits", "a status of four digits", Raw(b"HTTP/1.1 2000 OK\r\n\r\n")),
        _bad("status-99", "the status 099", Raw(b"HTTP/1.1 099 OK\r\n\r\n")),
        _bad("lower-case-http", "writes http in lower case", _first_line(b"http/1.1 200 OK")),
        Case("http-1.2", "speaks HTTP/1.2", _first_line(b"HTTP/1.2 200 OK")),
        Case("http-1.0-kept", "HTTP/1.0 with a length", _first_line(b"HTTP/1.0 200 OK")),
        Case("no-phrase", "no reason phrase", _first_line(b"HTTP/1.1 200")),
        Case(
            "odd-phrase",
            "a phrase with control characters",
            _first_line(b"HTTP/1.1 200 \x01\x1b[31m\xff\xe4"),
        ),
        Case("blank-lines-before", "blank lines before the status line", Raw(b"\r\n\r\n" + ok(), end="open")),
        Case("bare-line-feeds", "line feeds alone", Raw(ok().replace(b"\r\n", b"\n"), end="open")),
        Case("longest-phrase", "a phrase of 8 KB", _first_line(b"HTTP/1.1 200 " + b"y" * 8000)),
        _bad("bad-length", "a length in words", _length(b" twelve")),
        _bad("negative-length", "a negative length", _length(b" -5")),
        _bad("signed-length", "a length with a plus", _length(b" +%d" % len(PAGE))),
        _bad("hex-length", "a length in hexadecimal digits", _length(b" 0x%x" % len(PAGE))),
        _bad("huge-length", "a length of 30 digits", _length(b" " + b"9" * 30)),
        _bad("two-lengths", "two lengths that differ", _lengths(3, len(PAGE))),
        _bad("length-list", "a list of lengths", _length(b" %d, %d" % (len(PAGE), len(PAGE)))),
        _bad("same-lengths", "the same length twice", _lengths(len(PAGE), len(PAGE))),
        Case("spaced-length", "spaces around the length", _length(b"   %d   " % len(PAGE))),
        _bad(
            "length-and-chunked", "a length and chunks", _transfer(b"chunked\r\nContent-Length: 3", end="fin")
        ),
        _bad(
            "chunked-and-length",
            "chunks and a length",
            _length(b" 3\r\nTransfer-Encoding: chunked", chunk(PAGE)),
        ),
        _bad("longer-than-length", "more bytes than announced", Raw(ok(length=100), end="open")),
        Case("chunked", "sends chunks", Raw(chunked(chunk(PAGE[:50]), chunk(PAGE[50:]), _END), end="open")),
        Case("trailers", "sends trailers", Raw(chunked(chunk(PAGE), b"0\r\nX-A: y\r\n\r\n"), end="open")),
        Case(
            "chunk-extension",
            "a chunk extension",
            Raw(chunked(b"%x;a=b;c\r\n" % len(PAGE), PAGE, b"\r\n", _END), end="open"),
        ),
        Case(
            "space-after-chunk-size",
            "a space after the size of a chunk",
            Raw(chunked(b"%x \r\n" % len(PAGE), PAGE, b"\r\n", _END), end="open"),
        ),
        Case(
            "zeros-before-chunk-size",
            "zeros before the size of a chunk",
            Raw(chunked(b"0000%X\r\n" % len(PAGE), PAGE, b"\r\n", _END), end="open"),
        ),
        Case("empty-chunked", "no chunk but the last", Raw(chunked(_END), end="open"), body=b"", title=""),
        _bad("bad-chunk-size", "a size of no digits", Raw(chunked(b"zz\r\nabc\r\n0\r\n\r\n"), end="open")),
        _bad("negative-chunk-size", "a negative size", Raw(chunked(b"-3\r\nabc\r\n0\r\n\r\n"), end="open")),
        _bad("prefixed-chunk-size", "a size with 0x", Raw(chunked(b"0x3\r\nabc\r\n0\r\n\r\n"), end="open")),
        _bad(
            "huge-chunk-size", "a size of 17 digits", Raw(chunked(b"1" + b"0" * 16 + b"\r\nabc"), end="open")
        ),
        _bad(
            "bad-chunk-end", "a chunk without its line end", Raw(chunked(b"3\r\nabcXY0\r\n\r\n"), end="open")
        ),
        failing("chunk-cut", "ends within a chunk", Raw(chunked(b"fff\r\n", PAGE[:100])), "read", status=200),
        failing("no-last-chunk", "leaves the last chunk out", Raw(chunked(chunk(PAGE))), "read", status=200),
        failing(
            "last-line-missing",
            "leaves the last line out",
            Raw(chunked(chunk(PAGE), b"0\r\n")),
            "read",
            status=200,
        ),
        Case(
            "gzip-for-transfer",
            "gzip below chunks",
            Raw(coded_for_transfer(b"gzip, chunked", _GZIPPED), "open"),
        ),
        Case(
            "two-transfer-fields",
            "the same in two fields",
            _transfer(b"gzip", b"chunked", body=chunk(_GZIPPED) + _END),
        ),
        failing(
            "unknown-transfer-coding",
            "an unknown coding below chunks",
            Raw(coded_for_transfer(b"flurb, chunked", PAGE)),
            "decoding",
            status=200,
        ),
        Case(
            "transfer-identity", "Transfer-Encoding: identity", _transfer(b"identity", body=PAGE, end="fin")
        ),
        Case("chunked-in-capitals", "Transfer-Encoding: Chunked", _transfer(b"Chunked")),
        Case("chunked-twice", "chunked, chunked", _transfer(b"chunked, chunked")),
        failing(
            "chunked-not-last",
            "chunked, gzip",
            _transfer(b"chunked, gzip", end="fin"),
            "decoding",
            status=200,
        ),
    ],
)
