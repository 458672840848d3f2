"""What stands between the web server and Django: no thread waits for a client, and no kind for another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from djsite.front import bridge
from djsite.front.bridge import Bridge
from djsite.front.threads import Busy, Threads
from djsite.front.wsgi_call import environ_of

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/x",
    "raw_path": b"/%C3%A4%FF",
    "query_string": b"a=%00",
    "http_version": "1.1",
    "scheme": "http",
    "server": ("127.0.0.1", "8000"),
    "client": ("192.0.2.1", "5"),
    "headers": [
        *[(b"host", b"a.test"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"content-type", b"text/plain")],
        (b"x_forwarded_for", b"203.0.113.9"),
    ],
}


class Streamed:
    """A streamed answer of a WSGI application; ``closed`` says how often it was closed."""

    streaming = True

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        self.closed += 1


class Client:
    """The other side of an ASGI application: sends a body in parts, stays or leaves, reads or does not."""

    def __init__(self, *body: bytes, leaves: bool = False, reads: bool = True) -> None:
        self.messages = [
            {"type": "http.request", "body": part, "more_body": number < len(body)}
            for number, part in enumerate(body or (b"",), start=1)
        ]
        self.leaves, self.reads = leaves, reads
        self.got: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self.messages:
            return self.messages.pop(0)
        if not self.leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if not self.reads and message.get("more_body"):
            await asyncio.Event().wait()
        self.got.append(message)

    @property
    def status(self) -> int:
        return int(self.got[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.got)


def ask(
    application: Callable[..., Any], client: Client, *, threads: Threads | None = None, **scope: Any
) -> None:
    pool = threads or Threads("test", 1, waiting=1)
    front = Bridge(application, lambda path: pool, send_seconds=0.2)
    asyncio.run(front({**SCOPE, **scope}, client.receive, client.send))


def hello(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [environ["REQUEST_METHOD"].encode(), b" ", environ["wsgi.input"].read()]


def answers(streamed: Streamed) -> Callable[..., Streamed]:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Streamed:
        start("200 OK", [])
        return streamed

    return application


def test_a_request_arrives_as_wsgi_has_it():
    environ = environ_of(SCOPE, b"body")
    assert environ["PATH_INFO"].encode("latin-1") == b"/\xc3\xa4\xff"
    assert (environ["QUERY_STRING"], environ["REMOTE_ADDR"]) == ("a=%00", "192.0.2.1")
    assert (environ["HTTP_COOKIE"], environ["CONTENT_TYPE"]) == ("a=1; b=2", "text/plain")
    assert (environ["CONTENT_LENGTH"], environ["HTTP_HOST"]) == ("4", "a.test")


def test_no_header_passes_for_another():
    assert "HTTP_X_FORWARDED_FOR" not in environ_of(SCOPE, b"")


def test_an_answer_comes_whole_with_every_header():
    client = Client(b"one", b"two")
    ask(hello, client, method="POST")
    assert (client.status, client.body) == (200, b"POST onetwo")
    assert client.got[0]["headers"].count((b"set-cookie", b"a=1")) == 1
    assert (b"set-cookie", b"b=2") in client.got[0]["headers"]


def test_a_streamed_answer_comes_in_its_blocks_and_is_closed():
    streamed = Streamed(iter([b"a", b"b"]))
    client = Client()
    ask(answers(streamed), client)
    assert [message["body"] for message in client.got[1:]] == [b"a", b"b", b""]
    assert streamed.closed == 1


def test_nothing_is_made_for_a_head_request():
    streamed = Streamed(iter([b"a"]))
    client = Client()
    ask(answers(streamed), client, method="HEAD")
    assert (client.body, streamed.closed) == (b"", 1)


def test_a_client_that_does_not_read_is_cut_off_and_told_no_end():
    streamed = Streamed(iter([b"a", b"b"]))
    client = Client(reads=False)
    ask(answers(streamed), client)
    assert [message["type"] for message in client.got] == ["http.response.start"]
    assert streamed.closed == 1


def test_an_answer_that_fails_on_the_way_has_no_end():
    def blocks() -> Iterator[bytes]:
        yield b"a"
        raise RuntimeError("the database went away")

    streamed = Streamed(blocks())
    client = Client()
    with pytest.raises(RuntimeError):
        ask(answers(streamed), client)
    assert client.got[-1] == {"type": "http.response.body", "body": b"a", "more_body": True}
    assert streamed.closed == 1


def test_for_a_client_that_has_left_nothing_more_is_made():
    made = []
    streamed = Streamed(made.append(number) or b"x" for number in range(1000))
    ask(answers(streamed), Client(leaves=True))
    assert len(made) < 1000 and streamed.closed == 1


def test_a_client_that_leaves_in_its_body_costs_no_thread():
    client = Client(leaves=True)
    client.messages = [{"type": "http.request", "body": b"x", "more_body": True}]
    ask(lambda environ, start: pytest.fail("it was asked"), client)
    assert client.got == []


def test_a_body_that_is_too_large_is_refused():
    client = Client(*[b"x" * 100_000] * 40)
    ask(hello, client, method="POST")
    assert client.status == 413
    assert len(client.messages) > 5, "it is not read to its end"


def test_a_body_that_does_not_come_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bridge, "BODY_SECONDS", 0.1)
    client = Client()
    client.messages = [{"type": "http.request", "body": b"x", "more_body": True}]
    ask(hello, client, method="POST")
    assert client.status == 408


def test_what_finds_too_many_before_it_is_refused():
    pool = Threads("test", 1, waiting=0)

    async def two() -> None:
        go_on = threading.Event()
        first = asyncio.ensure_future(pool.begin(go_on.wait))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await pool.begin(go_on.wait)
        go_on.set()
        assert await first
        assert await pool.begin(go_on.wait)

    asyncio.run(two())


def test_a_refusal_says_to_try_again():
    client = Client()
    ask(hello, client, threads=Threads("test", 1, waiting=-1))
    assert client.status == 503
    assert b"Try again" in client.body
