"""What misbehaviours are made of: bytes as they are given, and coroutines that write to the wire."""

from __future__ import annotations

import asyncio
import functools
import gzip
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import brotli
import zstandard

from tests.fakeweb.answers import Behaviour, Request, Wire

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
    wire.send(ok(length=900_000, body=b""))
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
