"""Too much of something."""

from __future__ import annotations

import asyncio

from tests.fakeweb.answers import Wire
from tests.fakeweb.bad.case import Case, failing, group
from tests.fakeweb.misbehaviour import (
    PAGE,
    Play,
    Raw,
    chunk,
    chunked,
    endless_body,
    endless_continues,
    endless_error,
    endless_headers,
    endless_trailer,
    ok,
)

HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"


async def extensions_flood(wire: Wire) -> None:
    """Chunks of one byte, each with 10 KB of extension."""
    wire.send(chunked())
    while True:
        wire.send(b"1;a=" + b"y" * 10_000 + b"\r\nx\r\n")
        await wire.drain()
        await asyncio.sleep(0)


async def endless_chunks(wire: Wire) -> None:
    wire.send(chunked())
    while True:
        wire.send(chunk(PAGE * 16))
        await wire.drain()
        await asyncio.sleep(0)


async def endless_redirect(wire: Wire) -> None:
    """A redirect whose body has no end."""
    wire.send(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n")
    while True:
        wire.send(PAGE * 16)
        await wire.drain()
        await asyncio.sleep(0)


def _fields(count: int) -> list[bytes]:
    return [b"X-%d: y" % number for number in range(count)]


_TINY = [chunk(b"%c" % byte) for byte in PAGE]
_LONG_EXTENSION = b"1;a=" + b"y" * 300_000 + b"\r\nx\r\n0\r\n\r\n"

LIMITS = group(
    "Too much",
    [
        failing("endless-body", "sends a body without end", Play(endless_body), "too_large", status=200),
        failing("endless-chunks", "sends chunks without end", Play(endless_chunks), "too_large", status=200),
        failing("endless-error", "sends an error without end", Play(endless_error), "http_500", status=500),
        Case(
            "endless-redirect",
            "sends a redirect without end",
            Play(endless_redirect),
            "redirected",
            status=302,
            body=b"",
            title="",
        ),
        failing("endless-headers", "sends header fields without end", Play(endless_headers), "bad_response"),
        failing("endless-continues", "answers 100 again and again", Play(endless_continues), "bad_response"),
        failing(
            "endless-trailer",
            "sends a trailer without end",
            Play(endless_trailer),
            "bad_response",
            status=200,
        ),
        failing(
            "announced-huge", "announces 1 TB", Raw(ok(length=1 << 40), end="open"), "too_large", status=200
        ),
        failing("huge-header", "a field of 200 KB", Raw(ok(b"X-Huge: " + b"y" * 200_000)), "bad_response"),
        Case("long-header", "a field of 32 KB", Raw(ok(b"X-Long: " + b"y" * 32_000), end="open")),
        failing("many-headers", "5,000 fields", Raw(ok(*_fields(5000))), "bad_response"),
        Case("many-allowed-headers", "120 fields", Raw(ok(*_fields(120)), end="open")),
        Case("eight-interim", "eight interim answers", Raw(HINT * 8 + ok(), end="open")),
        failing("nine-interim", "nine interim answers", Raw(HINT * 9 + ok()), "bad_response"),
        Case("tiny-chunks", "chunks of one byte", Raw(chunked(*_TINY, b"0\r\n\r\n"), end="open")),
        failing(
            "extensions-flood",
            "chunks of one byte, each with an extension of 10 KB",
            Play(extensions_flood),
            "bad_response",
            status=200,
        ),
        failing(
            "long-extension",
            "a chunk extension of 300 KB",
            Raw(chunked(_LONG_EXTENSION)),
            "bad_response",
            status=200,
        ),
        Case(
            "many-trailers",
            "1,000 trailer fields",
            Raw(chunked(chunk(PAGE), b"0\r\n", b"X-A: b\r\n" * 1000, b"\r\n"), end="open"),
        ),
    ],
)
