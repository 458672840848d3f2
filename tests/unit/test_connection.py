"""A connection below the fetcher, with a transport that only takes notes: framing, limits, flow control."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.requests.connection import DRAIN_BYTES, MAX_FRAMING_BYTES, Connection, Response

BODY = b"<p>Some words.</p>" * 9
CLOSED = "closed"
RESET = ConnectionResetError(104, "Connection reset by peer")


class NotedTransport(asyncio.Transport):
    """Writes nowhere; ends the connection when it is aborted, as a socket would."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 80)})
        self.closing = False
        self.reading = True
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Line:
    """A connection and its server's side."""

    def __init__(self) -> None:
        self.transport = NotedTransport()
        self.freed = 0
        self._buffer = memoryview(bytearray(1 << 20))
        self.connection = Connection(self._buffer, self._count, lambda connection: None)
        self.connection.connection_made(self.transport)

    def _count(self, connection: Connection) -> None:
        self.freed += 1

    def receive(self, data: bytes) -> None:
        if data and not self.transport.closing:
            self.connection.get_buffer(-1)[: len(data)] = data
            self.connection.buffer_updated(len(data))

    def end(self, error: Exception | None = None) -> None:
        self.transport.closing = True
        self.connection.connection_lost(error)

    async def ask(self, *pieces: bytes) -> Response:
        asked = asyncio.create_task(self.connection.ask(b"GET / HTTP/1.1\r\n\r\n"))
        await asyncio.sleep(0)
        for piece in pieces:
            self.receive(piece)
        return await asked


def on_a_line(action: Callable[[Line], object]) -> object:
    async def run() -> object:
        return await action(Line())

    return asyncio.run(run())


def exchange(pieces: Iterable[bytes], end: str | Exception | None = None) -> tuple[object, ...]:
    """What comes of an answer that arrives in these pieces, each when the one before is dealt with."""

    async def run(line: Line) -> tuple[object, ...]:
        asked = asyncio.create_task(read_all(line))
        for piece in pieces:
            await asyncio.sleep(0)
            line.receive(piece)
        await asyncio.sleep(0)
        if end is not None or line.transport.closing:
            line.end(end if isinstance(end, Exception) else None)
        return await asked

    return on_a_line(run)


async def read_all(line: Line) -> tuple[object, ...]:
    try:
        response = await line.connection.ask(b"GET / HTTP/1.1\r\n\r\n")
        body = await response.read(1 << 20)
    except httpx.TransportError as error:
        return (type(error),)
    await response.aclose()
    return response.status, response.headers, body, line.freed


def chunks(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


ANSWERS: dict[str, tuple[bytes, str | None]] = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nA: b\r\n\r\n" % len(BODY) + BODY, None),
    "chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(BODY[:9], BODY[9:]), None),
    "interim": (b"HTTP/1.1 103 Hint\r\nLink: x\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx", None),
    "until close": (b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n" + BODY, CLOSED),
    "cut": (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + BODY, CLOSED),
    "cut chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", CLOSED),
    "cut head": (b"HTTP/1.1 200 OK\r\nConte", CLOSED),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", CLOSED),
    "no body": (b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", None),
    "bare line feeds": (b"HTTP/1.1 200 \nContent-Length: 3\nA:  b \n\nabc", None),
    "bad chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", CLOSED),
}


@pytest.mark.parametrize("name", ANSWERS)
@given(data=st.data())
def test_an_answer_is_the_same_however_the_network_cuts_it(name, data):
    answer, end = ANSWERS[name]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(answer) - 1), max_size=9)))
    pieces = [answer[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
    assert exchange(pieces, end) == exchange([answer], end)


def test_a_connection_that_is_closed_is_not_waited_for():
    async def run(line: Line) -> None:
        line.end()
        with pytest.raises(httpx.ReadError):
            await line.connection.ask(b"GET / HTTP/1.1\r\n\r\n")

    on_a_line(run)


def test_a_reset_is_no_end_of_a_body():
    """A body without a length ends with the connection, if that ends in order (RFC 9112 section 8)."""
    answer = b"HTTP/1.0 200 OK\r\n\r\n" + BODY
    assert exchange([answer], CLOSED)[2] == BODY
    assert exchange([answer], RESET) == (httpx.ReadError,)


def test_trailer_fields_are_fields_of_no_answer():
    async def run(line: Line) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        first = await line.ask(head + b"1\r\na\r\n0\r\nX-Trailer: y\r\n\r\n")
        await first.aclose()
        second = await line.ask(head + chunks(b"b"))
        assert first.headers == second.headers == (("transfer-encoding", "chunked"),)
        await second.aclose()
        assert line.freed == 2

    on_a_line(run)


def test_a_head_without_an_end_is_given_up():
    line_of_head = b"X-A: " + b"y" * 30_000 + b"\r\n"
    pieces = [b"HTTP/1.1 200 OK\r\n"] + [line_of_head] * (MAX_FRAMING_BYTES // len(line_of_head))
    assert exchange(pieces, CLOSED) == (httpx.ReadError,)
    assert exchange([*pieces, line_of_head], CLOSED) == (httpx.RemoteProtocolError,)


def test_many_small_chunks_are_no_endless_head():
    body = gzip.compress(bytes(range(256)) * 1200, 0)
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(
        *[b"%c" % byte for byte in body]
    )
    assert len(answer) > 6 * MAX_FRAMING_BYTES
    pieces = [answer[start : start + 65536] for start in range(0, len(answer), 65536)]
    assert exchange(pieces)[2] == body


def test_a_server_waits_while_nobody_reads():
    async def run(line: Line) -> None:
        response = await line.ask(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n")
        line.receive(b"x" * DRAIN_BYTES)
        assert line.transport.reading
        line.receive(b"x")
        assert not line.transport.reading
        reading = asyncio.create_task(response.read(100_000))
        await asyncio.sleep(0)
        assert line.transport.reading
        line.receive(b"x" * 34_464)
        assert len(await reading) == 100_001
        line.receive(b"x" * 5)
        assert len(await response.read(4)) == 5

    on_a_line(run)


def test_a_short_body_that_nobody_wants_is_drained_and_a_long_one_is_not():
    async def run(line: Line) -> None:
        short = await line.ask(b"HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\na")
        closing = asyncio.create_task(short.aclose())
        await asyncio.sleep(0)
        line.receive(b"bc")
        await closing
        assert (line.freed, line.transport.closing) == (1, False)
        long = await line.ask(b"HTTP/1.1 404 No\r\nContent-Length: %d\r\n\r\na" % (DRAIN_BYTES + 1))
        await long.aclose()
        assert (line.freed, line.transport.closing) == (1, True)

    on_a_line(run)


def test_what_comes_between_two_exchanges_ends_the_connection():
    async def run(line: Line) -> None:
        response = await line.ask(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
        await response.aclose()
        line.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb")
        assert line.transport.closing

    on_a_line(run)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "Expected HTTP/, RTSP/ or ICE/: b'SSH-2.0-OpenSSH'"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\nc d: e\r\n\r\n", "Invalid header token: b'c d: e'"),
        (b"HTTP/1.1 099 OK\r\n\r\n", "099 is no status"),
        (b"HTTP/1.1 101 OK\r\n\r\n", "the server switched protocols without being asked"),
        (b"HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n", "a header field with a null byte"),
        (b"HTTP/1.1 200 OK\r\nA: %b\r\n\r\n" % (b"b" * 40_000), "a header field of more than 32768 bytes"),
        (b"HTTP/1.1 200 OK\r\n%b\r\n" % (b"A: b\r\n" * 129), "more than 128 header fields"),
    ],
)
def test_the_sentence_names_what_is_wrong(answer, sentence):
    async def run(line: Line) -> None:
        with pytest.raises(httpx.RemoteProtocolError) as caught:
            await line.ask(answer)
        assert str(caught.value) == sentence

    on_a_line(run)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"", "the server closed the connection before its answer"),
        (b"HTTP/1.1 200 OK\r\nA", "the server closed the connection inside the head of its answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "the server closed the connection after 3 of 9 bytes of the body",
        ),
    ],
)
def test_the_sentence_says_how_far_the_answer_came(answer, sentence):
    async def run(line: Line) -> None:
        asked = asyncio.create_task(read_all_or_raise(line))
        await asyncio.sleep(0)
        line.receive(answer)
        await asyncio.sleep(0)
        line.end()
        with pytest.raises(httpx.ReadError) as caught:
            await asked
        assert str(caught.value) == sentence

    on_a_line(run)


async def read_all_or_raise(line: Line) -> None:
    response = await line.connection.ask(b"GET / HTTP/1.1\r\n\r\n")
    await response.read(100)
