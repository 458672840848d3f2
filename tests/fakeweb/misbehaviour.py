"""Every way in which a server of the tests can be wrong, slow or hostile, by name."""

from __future__ import annotations

import asyncio
import functools
import gzip
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import brotli
import zstandard

from tests.fakeweb.answers import Answer, Behaviour, Request, Wire

HTML = b"Content-Type: text/html; charset=utf-8\r\n"
PAGE = b"<!doctype html><title>A page</title><h1>A page</h1>" + b"<p>Some words that make it longer.</p>" * 40
DRIP_SECONDS = 0.02
BOMB_MEGABYTES = 64


@dataclass(frozen=True)
class Play(Behaviour):
    """A behaviour made of a coroutine function that writes to the wire."""

    act: Callable[[Wire], Awaitable[None]]

    async def play(self, request: Request, wire: Wire) -> None:
        await self.act(wire)


@dataclass(frozen=True)
class Raw(Behaviour):
    """These bytes, then the connection ends: ``fin``, ``rst``, or not at all (``open``)."""

    data: bytes
    end: str = "fin"

    async def play(self, request: Request, wire: Wire) -> None:
        wire.send(self.data)
        if self.end == "fin":
            wire.close()
        elif self.end == "rst":
            # what was sent has to leave before the reset does
            await asyncio.sleep(0.05)
            wire.reset()


@dataclass(frozen=True)
class Lazy(Behaviour):
    """An answer that is made when it is first asked for (bombs take a while)."""

    make: Callable[[], Behaviour]

    async def play(self, request: Request, wire: Wire) -> None:
        await self.make().play(request, wire)


def ok(*fields: bytes, body: bytes = PAGE, length: int | None = None) -> bytes:
    """A 200 with the given fields, a Content-Length (true unless given) and a body."""
    size = len(body) if length is None else length
    lines = b"".join(field + b"\r\n" for field in fields)
    return b"HTTP/1.1 200 OK\r\n" + HTML + lines + b"Content-Length: %d\r\n\r\n" % size + body


def chunked(*pieces: bytes, fields: bytes = b"") -> bytes:
    """A 200 whose body is sent as it is given: the chunk framing is the caller's."""
    return b"HTTP/1.1 200 OK\r\n" + HTML + fields + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(pieces)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n" % len(data) + data + b"\r\n"


def coded_for_transfer(names: bytes, body: bytes) -> bytes:
    """A 200 in one chunk, with other transfer codings below it."""
    head = b"HTTP/1.1 200 OK\r\n" + HTML + b"Transfer-Encoding: " + names + b"\r\n\r\n"
    return head + chunk(body) + b"0\r\n\r\n"


def coded(name: bytes, body: bytes) -> Raw:
    return Raw(ok(b"Content-Encoding: " + name, body=body), end="open")


async def drip_headers(wire: Wire) -> None:
    """A response head that never ends."""
    wire.send(b"HTTP/1.1 200 OK\r\n")
    number = 0
    while True:
        number += 1
        wire.send(b"X-%d: y\r\n" % (number % 50))
        await asyncio.sleep(DRIP_SECONDS)
        await wire.drain()


async def drip_body(wire: Wire) -> None:
    """A body that comes a byte at a time."""
    wire.send(ok(length=10_000_000, body=b""))
    while True:
        wire.send(b"x")
        await asyncio.sleep(DRIP_SECONDS)
        await wire.drain()


async def endless_body(wire: Wire) -> None:
    """As much as the client takes."""
    wire.send(b"HTTP/1.1 200 OK\r\n" + HTML + b"\r\n")
    while True:
        wire.send(PAGE * 16)
        await wire.drain()
        await asyncio.sleep(0)


async def endless_error(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 500 Oops\r\n" + HTML + b"\r\n")
    while True:
        wire.send(PAGE * 16)
        await wire.drain()
        await asyncio.sleep(0)


async def endless_headers(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        wire.send(b"X-More: " + b"y" * 1000 + b"\r\n")
        await wire.drain()
        await asyncio.sleep(0)


async def endless_trailer(wire: Wire) -> None:
    """A field behind the last chunk that never ends."""
    wire.send(chunked(chunk(PAGE), b"0\r\nX-More: "))
    while True:
        wire.send(b"y" * 10_000)
        await wire.drain()
        await asyncio.sleep(0)


async def endless_continues(wire: Wire) -> None:
    while True:
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await wire.drain()
        await asyncio.sleep(0.001)


async def hang(wire: Wire) -> None:
    """Nothing at all."""
    await asyncio.Event().wait()


async def hang_in_body(wire: Wire) -> None:
    wire.send(ok(body=PAGE[:100], length=len(PAGE)))
    await asyncio.Event().wait()


async def drop(wire: Wire) -> None:
    wire.close()


async def reset(wire: Wire) -> None:
    wire.reset()


@functools.cache
def zeros() -> bytes:
    return b"\0" * (BOMB_MEGABYTES << 20)


@functools.cache
def bomb(name: str) -> Behaviour:
    """64 MiB of zeros in few bytes."""
    if name == "gzip":
        return coded(b"gzip", gzip.compress(zeros()))
    if name == "deflate":
        return coded(b"deflate", zlib.compress(zeros()))
    if name == "br":
        return coded(b"br", brotli.compress(zeros(), quality=5))
    if name == "zstd":
        return coded(b"zstd", zstandard.ZstdCompressor(write_content_size=False).compress(zeros()))
    nested = gzip.compress(gzip.compress(zeros()))
    return coded(b"gzip, gzip", nested)


def _damaged(packed: bytes) -> bytes:
    """The same bytes with one flipped in the middle."""
    middle = len(packed) // 2
    return packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]


_GZIPPED = gzip.compress(PAGE)
_WRONG_CHECKSUM = _GZIPPED[:-8] + b"\1\2\3\4" + _GZIPPED[-4:]

MISBEHAVIOURS: dict[str, Behaviour] = {
    # connections
    "drop": Play(drop),
    "reset": Play(reset),
    "hang": Play(hang),
    "reset-in-head": Raw(b"HTTP/1.1 200 OK\r\nContent-", end="rst"),
    "close-in-head": Raw(b"HTTP/1.1 200 OK\r\nContent-"),
    "reset-in-body": Raw(ok(length=10_000), end="rst"),
    "close-in-body": Raw(ok(length=10_000)),
    # slow
    "drip-headers": Play(drip_headers),
    "drip-body": Play(drip_body),
    "hang-in-body": Play(hang_in_body),
    "slow": Answer(body=PAGE, delay=0.3),
    # too much
    "endless-body": Play(endless_body),
    "endless-error": Play(endless_error),
    "endless-headers": Play(endless_headers),
    "endless-continues": Play(endless_continues),
    "endless-trailer": Play(endless_trailer),
    "huge-header": Raw(ok(b"X-Huge: " + b"y" * 200_000)),
    "many-headers": Raw(ok(*[b"X-%d: y" % number for number in range(5000)])),
    "announced-huge": Raw(ok(length=1 << 40), end="open"),
    # framing
    "not-http": Raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
    "garbage": Raw(bytes(range(256)) * 8),
    "empty-answer": Raw(b""),
    "bad-status": Raw(b"HTTP/1.1 abc OK\r\n\r\n"),
    "bad-length": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: twelve\r\n\r\nabc"),
    "negative-length": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"),
    "two-lengths": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"),
    "length-and-chunked": Raw(chunked(chunk(PAGE), b"0\r\n\r\n", fields=b"Content-Length: 3\r\n")),
    "longer-than-length": Raw(ok(length=100), end="open"),
    "bad-chunk-size": Raw(chunked(b"zz\r\nabc\r\n0\r\n\r\n"), end="open"),
    "bad-chunk-end": Raw(chunked(b"3\r\nabcXY0\r\n\r\n"), end="open"),
    "chunk-cut": Raw(chunked(b"%x\r\n" % len(PAGE), PAGE[:100])),
    "no-last-chunk": Raw(chunked(chunk(PAGE))),
    "switching-protocols": Raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nboo"),
    "unknown-transfer-coding": Raw(coded_for_transfer(b"flurb, chunked", PAGE)),
    "null-in-header": Raw(ok(b"X-Null: a\0b")),
    # fine, if unusual
    "until-close": Raw(b"HTTP/1.0 200 OK\r\n" + HTML + b"\r\n" + PAGE),
    "early-hints": Raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok(), end="open"),
    "chunked": Raw(chunked(chunk(PAGE[:50]), chunk(PAGE[50:]), b"0\r\n\r\n"), end="open"),
    "trailers": Raw(chunked(chunk(PAGE), b"0\r\nX-Trailer: y\r\n\r\n"), end="open"),
    "no-content-type": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE),
    "untyped-binary": Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\x89PNG\0\1\2\3"),
    "http-1.2": Raw(ok().replace(b"HTTP/1.1", b"HTTP/1.2"), end="open"),
    "bare-line-feeds": Raw(ok().replace(b"\r\n", b"\n"), end="open"),
    "folded-header": Raw(ok(b"X-Folded: a\r\n  b"), end="open"),
    "gzip-for-transfer": Raw(coded_for_transfer(b"gzip, chunked", _GZIPPED), end="open"),
    # content codings
    "gzip": coded(b"gzip", _GZIPPED),
    "x-gzip": coded(b"x-gzip", _GZIPPED),
    "gzip-members": coded(b"gzip", gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:])),
    "gzip-padded": coded(b"gzip", _GZIPPED + b"\0" * 64),
    "deflate": coded(b"deflate", zlib.compress(PAGE)),
    "raw-deflate": coded(b"deflate", zlib.compress(PAGE, wbits=-15)),
    "br": coded(b"br", brotli.compress(PAGE)),
    "zstd": coded(b"zstd", zstandard.compress(PAGE)),
    "gzip-then-br": coded(b"gzip, br", brotli.compress(_GZIPPED)),
    "gzip-empty": coded(b"gzip", b""),
    "gzip-cut": coded(b"gzip", _GZIPPED[:-12]),
    "gzip-damaged": coded(b"gzip", _damaged(_GZIPPED)),
    "gzip-checksum": coded(b"gzip", _WRONG_CHECKSUM),
    "gzip-garbage": coded(b"gzip", _GZIPPED + b"<p>and more"),
    "not-gzip": coded(b"gzip", PAGE),
    "deflate-cut": coded(b"deflate", zlib.compress(PAGE)[:-5]),
    "br-cut": coded(b"br", brotli.compress(PAGE)[:-3]),
    "zstd-cut": coded(b"zstd", zstandard.compress(PAGE)[:-3]),
    "three-codings": coded(b"gzip, gzip, gzip", gzip.compress(gzip.compress(_GZIPPED))),
    "unknown-coding": coded(b"compress", PAGE),
    **{
        f"bomb-{name}": Lazy(functools.partial(bomb, name))
        for name in ("gzip", "deflate", "br", "zstd", "nested")
    },
}
"""Answered at ``/odd/NAME`` by every FakeWeb."""
