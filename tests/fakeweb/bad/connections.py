"""Connections that break, hang or crawl."""

from __future__ import annotations

import asyncio

from tests.fakeweb.answers import Answer, Wire
from tests.fakeweb.bad.case import Case, failing, group
from tests.fakeweb.misbehaviour import (
    DRIP_SECONDS,
    HTML,
    PAGE,
    Play,
    Raw,
    chunk,
    chunked,
    drip_body,
    drip_headers,
    drop,
    hang,
    hang_in_body,
    ok,
    reset,
)


async def drip_status(wire: Wire) -> None:
    """A status line that comes a byte at a time and has no end."""
    wire.send(b"HTTP/1.1 200 ")
    while True:
        wire.send(b"O")
        await asyncio.sleep(DRIP_SECONDS)
        await wire.drain()


async def single_bytes(wire: Wire) -> None:
    """The answer in packets of one byte."""
    for byte in ok(body=PAGE[:300]):
        wire.send(bytes([byte]))
        await asyncio.sleep(0)


async def pause_in_head(wire: Wire) -> None:
    answer = ok()
    for piece in (answer[:9], answer[9:40], answer[40:]):
        wire.send(piece)
        await asyncio.sleep(0.1)


async def pause_between_chunks(wire: Wire) -> None:
    wire.send(chunked(chunk(PAGE[:50])))
    await asyncio.sleep(0.2)
    wire.send(chunk(PAGE[50:]) + b"0\r\n\r\n")


async def drip_chunks(wire: Wire) -> None:
    wire.send(chunked())
    while True:
        wire.send(chunk(b"x"))
        await asyncio.sleep(DRIP_SECONDS)
        await wire.drain()


async def close_after_promise(wire: Wire) -> None:
    """Keep-Alive, and then the end of the connection."""
    wire.send(ok(b"Connection: keep-alive", b"Keep-Alive: timeout=60"))
    wire.close()


async def interim_then_hang(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    await asyncio.Event().wait()


CONNECTIONS = group(
    "Connections",
    [
        failing("drop", "closes instead of an answer", Play(drop), "read"),
        failing("reset", "resets instead of an answer", Play(reset), "read"),
        failing("hang", "never answers", Play(hang), "timeout"),
        failing(
            "reset-in-head", "resets in the head", Raw(b"HTTP/1.1 200 OK\r\nContent-", end="rst"), "read"
        ),
        failing("close-in-head", "closes in the head", Raw(b"HTTP/1.1 200 OK\r\nContent-"), "read"),
        failing("reset-in-body", "resets in the body", Raw(ok(length=10_000), end="rst"), "read", status=200),
        failing("close-in-body", "closes in the body", Raw(ok(length=10_000)), "read", status=200),
        failing("empty-answer", "closes after nothing", Raw(b""), "read"),
        failing("drip-status", "sends a status line without end", Play(drip_status), "timeout"),
        failing("drip-headers", "sends a header field now and then, for ever", Play(drip_headers), "timeout"),
        failing("drip-body", "sends a long body byte by byte", Play(drip_body), "timeout", status=200),
        failing(
            "drip-chunks", "sends chunks of one byte, for ever", Play(drip_chunks), "timeout", status=200
        ),
        failing("hang-in-body", "stops in the body", Play(hang_in_body), "timeout", status=200),
        failing("interim-then-hang", "sends 103 and nothing more", Play(interim_then_hang), "timeout"),
        Case("slow", "answers after a while", Answer(body=PAGE, delay=0.3)),
        Case("single-bytes", "sends packets of one byte", Play(single_bytes), body=PAGE[:300]),
        Case("pause-in-head", "pauses in the head", Play(pause_in_head)),
        Case("pause-between-chunks", "pauses between chunks", Play(pause_between_chunks)),
        Case("close-after-promise", "promises to keep the connection, and closes", Play(close_after_promise)),
        Case("until-close", "HTTP/1.0 without a length", Raw(b"HTTP/1.0 200 OK\r\n" + HTML + b"\r\n" + PAGE)),
        Case(
            "says-close",
            "says close and leaves the connection open",
            Raw(ok(b"Connection: close"), end="open"),
        ),
    ],
)
