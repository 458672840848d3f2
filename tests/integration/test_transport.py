"""The transport: errors by their names, connections kept and dropped, TLS, and the guard in its place."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack

import aiohappyeyeballs
import httpx
import pytest

from crawler.requests import pool
from crawler.requests.dial import AddressRefused, NameNotResolved, TLSFailed, verified_context
from crawler.requests.exchange import FetchRequest, FetchResult
from crawler.requests.fetch import Fetcher
from crawler.requests.transport import GuardedTransport
from crawler.rules.urls import resolve
from tests.fakeweb import Answer, FakeWeb, Wire, redirect
from tests.fakeweb.bad import MISBEHAVIOURS
from tests.fakeweb.certificates import ROOTS, server_context
from tests.fakeweb.misbehaviour import PAGE, Play, Raw, ok
from tests.harness import network
from tests.harness.fetching import LOCAL, fetch_all
from tests.harness.waiting import PATIENCE


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as web:
        yield web


@pytest.fixture
def trusted_roots(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(ROOTS))
    verified_context.cache_clear()
    yield
    verified_context.cache_clear()


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names that resolve as the test says."""
    names: dict[str, list[str]] = {}
    ask_system = socket.getaddrinfo

    def answer(host, port, *rest, **options):
        if host not in names:
            return ask_system(host, port, *rest, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in names[host]]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return names


def with_client(
    action: Callable[[httpx.AsyncClient], Awaitable[None]],
    allow: tuple[str, ...] = LOCAL,
    keep: int = 4,
) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(
            transport=GuardedTransport(allow, keep=keep), trust_env=False, timeout=None
        ) as client:
            async with asyncio.timeout(10):
                await action(client)

    asyncio.run(run())


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# errors


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("drop", httpx.ReadError),
        ("reset", httpx.ReadError),
        ("reset-in-head", httpx.ReadError),
        ("close-in-head", httpx.ReadError),
        ("reset-in-body", httpx.ReadError),
        ("close-in-body", httpx.ReadError),
        ("no-last-chunk", httpx.ReadError),
        ("not-http", httpx.RemoteProtocolError),
        ("bad-length", httpx.RemoteProtocolError),
        ("bad-chunk-size", httpx.RemoteProtocolError),
        ("huge-header", httpx.RemoteProtocolError),
        ("endless-continues", httpx.RemoteProtocolError),
        ("switching-protocols", httpx.RemoteProtocolError),
    ],
)
def test_each_failure_of_a_server_is_an_exception_of_httpx(web, name, error):
    async def action(client: httpx.AsyncClient) -> None:
        with pytest.raises(error) as caught:
            await client.get(web.odd(name))
        assert type(caught.value) is error
        assert str(caught.value)

    with_client(action)


def test_a_resolver_that_hangs_holds_nothing_up(monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: answered.wait(20) and [])
    fetcher = Fetcher(deadline=0.3, max_bytes=1000, max_retry_after=60, connections=1)

    async def run() -> FetchResult:
        try:
            return await fetcher.fetch(FetchRequest(url="http://slow.test/", user_agent="T"))
        finally:
            await fetcher.aclose()

    try:
        result = asyncio.run(run())
    finally:
        answered.set()
    assert (result.status, result.reason) == (None, "timeout")
    assert result.elapsed < 2 * PATIENCE


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://no-such-name.invalid/", NameNotResolved),
        (f"http://127.0.0.1:{closed_port()}/", httpx.ConnectError),
        ("http://10.0.0.1/", AddressRefused),
        ("http://127.1/", httpx.LocalProtocolError),
        ("http://127.0.0.1:99999/", httpx.LocalProtocolError),
        (f"http://{'a' * 70}.localhost/", NameNotResolved),
    ],
)
def test_each_way_not_to_connect_is_an_exception_of_httpx(url, error):
    async def action(client: httpx.AsyncClient) -> None:
        with pytest.raises(error) as caught:
            await client.get(url)
        assert type(caught.value) is error

    with_client(action)


# TLS


def test_tls_is_verified_by_name(trusted_roots):
    with FakeWeb(tls=server_context()) as web:
        web.on("/", Answer(body="x"))
        named = web.url.replace("127.0.0.1", "localhost")
        assert [result.reason for result in fetch_all(web.url + "/", named + "/")] == [None, None]


@pytest.mark.parametrize("certificate", ["expired", "other_name", "unknown_issuer"])
def test_a_certificate_that_proves_nothing_is_refused(trusted_roots, certificate):
    with FakeWeb(tls=server_context(certificate)) as web:
        (result,) = fetch_all(web.url + "/")
        assert (result.status, result.reason, result.transient) == (None, "tls", False)
        assert "verify failed" in result.detail
        assert not web.requests


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "the certificate has expired"),
        ("other_name", "the certificate is for another"),
        ("unknown_issuer", "the certificate"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said_in_words(trusted_roots, certificate, words):
    with FakeWeb(tls=server_context(certificate)) as web:
        assert fetch_all(web.url + "/")[0].detail.startswith(words)


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        (70, "the server speaks versions of TLS alone that are too old"),
        (40, "the server shares no way of encryption with us"),
        (112, "the server does not serve this name"),
    ],
)
def test_what_a_server_refuses_in_the_handshake_is_said_in_words(alert, words):
    """The alerts of RFC 8446 section 6.2."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            accepted, _ = listening.accept()
            with accepted:
                accepted.recv(65536)
                accepted.sendall(b"\x15\x03\x03\0\2\2%c" % alert)
                accepted.recv(1)

        refusing = threading.Thread(target=refuse)
        refusing.start()
        (result,) = fetch_all(f"https://127.0.0.1:{listening.getsockname()[1]}/")
        refusing.join()
    assert result.reason == "tls"
    assert result.detail.startswith(words)


def test_plain_http_is_said_in_words(web):
    (result,) = fetch_all(web.url.replace("http:", "https:") + "/")
    assert result.detail.startswith("the port does not speak TLS")


def test_a_handshake_that_never_ends_ends_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        slow = Fetcher(deadline=0.4, max_bytes=1000, max_retry_after=60, connections=1)

        async def run() -> FetchResult:
            try:
                return await slow.fetch(FetchRequest(url=url, user_agent="T", allow_networks=LOCAL))
            finally:
                await slow.aclose()

        result = asyncio.run(run())
    assert (result.reason, result.transient) == ("timeout", True)
    assert result.elapsed < 2 * PATIENCE


def test_the_next_address_of_a_name_is_tried_when_a_handshake_fails(trusted_roots, addresses):
    """One of several machines behind a name may have been forgotten when certificates were renewed."""
    with ExitStack() as stack:
        old = stack.enter_context(FakeWeb(host="127.0.0.7", tls=server_context("expired")))
        web = stack.enter_context(FakeWeb(host="127.0.0.8", port=old.port, tls=server_context()))
        web.on("/", Answer(body="x"))
        addresses["localhost"] = ["127.0.0.7", "127.0.0.8"]
        assert fetch_all(f"https://localhost:{web.port}/")[0].body == b"x"
        addresses["localhost"] = ["127.0.0.7"]
        assert fetch_all(f"https://localhost:{web.port}/")[0].reason == "tls"


def test_roots_that_are_not_named_are_not_trusted():
    with FakeWeb(tls=server_context()) as web:
        assert fetch_all(web.url + "/")[0].reason == "tls"


def test_plain_http_on_a_tls_port_is_a_tls_failure(web):
    (result,) = fetch_all(web.url.replace("http:", "https:") + "/")
    assert result.reason == "tls"


def test_the_failure_of_a_handshake_has_a_class_of_its_own(web):
    async def action(client: httpx.AsyncClient) -> None:
        with pytest.raises(TLSFailed):
            await client.get(web.url.replace("http:", "https:"))

    with_client(action)


# the guard

PRIVATE_URLS = [
    "http://127.0.0.1:{}/",
    "http://localhost:{}/",
    "http://127.1:{}/",
    "http://2130706433:{}/",
    "http://0x7f.0.0.1:{}/",
    "http://0177.0.0.1:{}/",
    "http://0:{}/",
    "http://0.0.0.0:{}/",
    "http://[::1]:{}/",
    "http://[::]:{}/",
    "http://[::ffff:127.0.0.1]:{}/",
    "http://[::ffff:7f00:1]:{}/",
    "http://[::127.0.0.1]:{}/",
    "http://[64:ff9b::7f00:1]:{}/",
    "http://[2002:7f00:1::]:{}/",
    "http://①②⑦.0.0.1:{}/",
    "http://169.254.169.254:{}/",
    "http://10.0.0.1:{}/",
    "http://192.168.0.1:{}/",
    "http://100.64.0.1:{}/",
]


@pytest.mark.parametrize("url", PRIVATE_URLS)
def test_private_addresses_are_not_connected_to(web, url):
    (result,) = fetch_all(resolve(url.format(web.port)), allow=())
    assert (result.status, result.reason) == (None, "blocked_address")
    assert web.connections_made == 0
    assert not network.offences


def test_a_connection_of_one_allow_list_is_not_used_for_another(web):
    url = web.on("/", Answer(body="x"))

    async def run() -> list[str | None]:
        fetcher = Fetcher(deadline=5, max_bytes=1000, max_retry_after=60, connections=4)
        lists = [LOCAL, (), ("10.0.0.0/8",), LOCAL]
        try:
            requests = [FetchRequest(url=url, user_agent="T", allow_networks=allow) for allow in lists]
            return [(await fetcher.fetch(request)).reason for request in requests]
        finally:
            await fetcher.aclose()

    assert asyncio.run(run()) == [None, "blocked_address", "blocked_address", None]
    assert web.connections_made == 1


def test_only_permitted_addresses_of_a_name_are_connected_to(web, addresses):
    web.on("/", Answer(body="x"))
    addresses["mixed.test"] = ["10.0.0.1", "127.0.0.1", "169.254.169.254"]
    addresses["private.test"] = ["10.0.0.1", "127.0.0.1"]
    (mixed,) = fetch_all(f"http://mixed.test:{web.port}/")
    (private,) = fetch_all(f"http://private.test:{web.port}/", allow=())
    assert (mixed.reason, private.reason) == (None, "blocked_address")
    assert not network.offences


def test_a_name_is_not_asked_for_again_between_check_and_connection(web, addresses):
    """DNS rebinding: the address that was checked is the one that is connected to."""
    web.on("/", Answer(body="x"))

    class Rebinding(dict):
        asked = 0

        def __getitem__(self, name):
            self.asked += 1
            return ["127.0.0.1"] if self.asked == 1 else ["10.0.0.1"]

        def __contains__(self, name):
            return name == "rebinding.test"

    names = Rebinding()
    monkey = pytest.MonkeyPatch()
    answer = socket.getaddrinfo
    monkey.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, *rest: (
            [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (names[host][0], port))]
            if host in names
            else answer(host, port, *rest)
        ),
    )
    url = f"http://rebinding.test:{web.port}/"
    assert [result.reason for result in fetch_all(url, url)] == [None, None]
    assert names.asked == 1
    assert not network.offences
    monkey.undo()


def test_the_address_of_a_kept_connection_is_checked_again(web, monkeypatch):
    url = web.on("/", Answer(body="x"))

    async def action(client: httpx.AsyncClient) -> None:
        await client.get(url)
        guard = client._transport.pool._dialer._guard
        monkeypatch.setattr(guard, "_allowed", ())
        guard._refusals.clear()
        with pytest.raises(AddressRefused):
            await client.get(url)

    with_client(action)
    assert len(web.requests) == 1


# file descriptors


def test_a_request_waits_for_a_file_descriptor_and_no_host_is_blamed(web, monkeypatch):
    monkeypatch.setattr("crawler.requests.fetch.DESCRIPTOR_SECONDS", 0.01)
    connect, refusals = aiohappyeyeballs.start_connection, [errno.EMFILE, errno.ENFILE]

    async def scarce(*arguments, **options):
        if refusals:
            raise OSError(refusals.pop(), "Too many open files")
        return await connect(*arguments, **options)

    monkeypatch.setattr(aiohappyeyeballs, "start_connection", scarce)
    (result,) = fetch_all(web.on("/", Answer(body="x")))
    assert (result.reason, result.body, refusals) == (None, b"x", [])
    assert len(web.requests) == 1


def test_connections_leave_file_descriptors_for_what_was_fetched(monkeypatch):
    """At the limit idle connections are closed, and requests wait; none fails."""
    monkeypatch.setattr("crawler.requests.fetch.DESCRIPTOR_SECONDS", 0.01)
    monkeypatch.setattr(pool, "sockets", lambda: 2)
    hosts = [f"127.0.1.{number}" for number in range(1, 9)]
    with FakeWeb(host=hosts[0], more_hosts=hosts[1:]) as web:
        web.on("/", Answer(body="x"))
        results = fetch_all(*(f"http://{host}:{web.port}/" for host in hosts))
    assert [(result.reason, result.body) for result in results] == [(None, b"x")] * 8


# connections


def test_connections_are_kept_over_pages_errors_and_redirects(web):
    urls = [
        web.on("/page", Answer(body=PAGE)),
        web.on("/error", Answer(500, body=b"x" * 50_000)),
        web.on("/redirect", redirect("/elsewhere")),
        web.on("/binary", Answer(body=b"x" * 9000, content_type="image/png")),
        web.on("/304", Answer(304)),
        web.on("/204", Raw(b"HTTP/1.1 204 No Content\r\n\r\n", end="open")),
        web.odd("chunked"),
        web.odd("trailers"),
        web.on("/last", Answer(body="x")),
    ]
    fetch_all(*urls)
    assert {seen.connection for seen in web.requests} == {1}


@pytest.mark.parametrize("name", ["endless-error", "endless-body", "announced-huge", "hang-in-body"])
def test_a_connection_with_unread_bytes_is_not_used_again(web, name):
    last = web.on("/last", Answer(body="x"))
    slow = Fetcher(deadline=0.7, max_bytes=1 << 16, max_retry_after=60, connections=1)

    async def run() -> FetchResult:
        for url in (web.odd(name), last):
            result = await slow.fetch(FetchRequest(url=url, user_agent="T", allow_networks=LOCAL))
        await slow.aclose()
        return result

    result = asyncio.run(run())
    assert (result.reason, result.body) == (None, b"x")
    assert [seen.connection for seen in web.requests] == [1, 2]


@pytest.mark.parametrize("pause", [0, 0.05])
def test_what_a_server_says_unasked_is_never_taken_for_an_answer(web, pause):
    """Response splitting: a second answer behind the first, on a connection that would be kept."""

    async def answer_twice(wire: Wire) -> None:
        wire.send(ok(body=b"a"))
        await asyncio.sleep(pause)
        wire.send(ok(body=b"b"))

    async def action(client: httpx.AsyncClient) -> None:
        await client.get(web.on("/first", Play(answer_twice)))
        while web.requests[0].finished is None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert (await client.get(web.on("/second", Answer(body="c")))).text == "c"

    with_client(action)


def test_a_request_on_a_connection_that_just_closed_is_made_again(web):
    """RFC 9112 section 9.3.1; the server closes instead of answering the second request."""
    url = web.on("/", Answer(body="x"), MISBEHAVIOURS["drop"], Answer(body="y"))
    results = fetch_all(url, url)
    assert [(result.reason, result.body) for result in results] == [(None, b"x"), (None, b"y")]
    assert [seen.connection for seen in web.requests] == [1, 1, 2]


def test_a_request_on_a_new_connection_is_made_once(web):
    assert fetch_all(web.odd("drop"))[0].reason == "read"
    assert len(web.requests) == 1


@pytest.mark.parametrize("name", ["close-in-head", "close-in-body", "not-http"])
def test_an_answer_that_broke_off_is_not_asked_for_again(web, name):
    url = web.on("/", Answer(body="x"), MISBEHAVIOURS[name])
    assert fetch_all(url, url)[1].reason in {"read", "bad_response"}
    assert len(web.requests) == 2


def test_an_answer_that_says_close_is_the_last_of_its_connection(web):
    url = web.on("/", Answer(body="x", headers=(("Connection", "close"),)))
    fetch_all(url, url)
    assert [seen.connection for seen in web.requests] == [1, 2]


def test_no_more_requests_at_once_than_asked_for(web):
    """Those that wait for a slot do not lose the time from their deadline."""
    url = web.on("/", Answer(body="x", delay=0.1))
    fetcher = Fetcher(deadline=0.6, max_bytes=1000, max_retry_after=60, connections=2)

    async def run() -> list[FetchResult]:
        request = FetchRequest(url=url, user_agent="T", allow_networks=LOCAL)
        try:
            return await asyncio.gather(*(fetcher.fetch(request) for _ in range(14)))
        finally:
            await fetcher.aclose()

    assert {result.reason for result in asyncio.run(run())} == {None}
    assert {seen.connection for seen in web.requests} == {1, 2}


@pytest.mark.parametrize("tarpit", ["hang", "drip-headers", "drip-body", "drip-chunks"])
def test_slow_servers_do_not_hold_other_hosts_up(tarpit, web, monkeypatch):
    """Three times as many tarpits as requests may be under way: the others go on beside them."""
    monkeypatch.setattr("crawler.requests.fetch.SLOW_SECONDS", 0.2)
    url = web.on("/", Answer(body="x", delay=0.05))
    fetcher = Fetcher(deadline=4, max_bytes=1_000_000, max_retry_after=60, connections=4)

    def ask(url: str) -> Awaitable[FetchResult]:
        return fetcher.fetch(FetchRequest(url=url, user_agent="T", allow_networks=LOCAL))

    async def run() -> tuple[list[FetchResult], list[FetchResult]]:
        try:
            tarpits = [asyncio.ensure_future(ask(web.odd(tarpit))) for _ in range(12)]
            await asyncio.sleep(0)
            answers = await asyncio.gather(*(ask(url) for _ in range(20)))
            assert not any(tarpit.done() for tarpit in tarpits)
            return answers, await asyncio.gather(*tarpits)
        finally:
            await fetcher.aclose()

    answers, silences = asyncio.run(run())
    assert {result.reason for result in answers} == {None}
    assert {result.reason for result in silences} == {"timeout"}
    assert fetcher._places._value == 4


def test_idle_connections_are_bounded():
    hosts = [f"127.0.1.{number}" for number in range(1, 9)]

    async def action(client: httpx.AsyncClient) -> None:
        for host in hosts:
            await client.get(f"http://{host}:{web.port}/")
        assert sum(connection.is_open for connection in client._transport.pool._open) == 3

    with FakeWeb(host=hosts[0], more_hosts=hosts[1:]) as web:
        with_client(action, keep=3)
        assert len(web.requests) == 8


def test_idle_connections_close_by_themselves(web, monkeypatch):
    monkeypatch.setattr(pool, "SWEEP_SECONDS", 0.02)
    url = web.on("/", Answer(body="x"))

    async def action(client: httpx.AsyncClient) -> None:
        await client.get(url)
        client._transport.pool._sweep()
        assert len(client._transport.pool._open) == 1
        monkeypatch.setattr(pool, "IDLE_SECONDS", 0)
        while client._transport.pool._open:
            await asyncio.sleep(0.01)
        assert not client._transport.pool._idle

    with_client(action)


def test_the_next_address_of_a_name_is_tried_when_one_does_not_answer(web, addresses):
    web.on("/", Answer(body="x"))
    addresses["two.test"] = ["127.0.0.99", "127.0.0.1"]
    assert fetch_all(f"http://two.test:{web.port}/")[0].body == b"x"


def test_a_cancelled_request_gives_its_connection_back(web):
    url = web.on("/", Answer(body="x"))

    async def action(client: httpx.AsyncClient) -> None:
        for _ in range(3):
            hanging = asyncio.create_task(client.get(web.odd("hang")))
            while len(web.seen("/odd/hang")) == len(web.seen("/")):
                await asyncio.sleep(0)
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            assert (await client.get(url)).text == "x"

    with_client(action)


def test_ipv6_literals_are_spoken_to():
    try:
        web = FakeWeb(host="::1").__enter__()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    try:
        web.on("/", Answer(body="x"))
        (result,) = fetch_all(f"http://[::1]:{web.port}/", allow=("::1/128",))
        assert result.body == b"x"
        assert web.requests[0].host == f"[::1]:{web.port}"
    finally:
        web.__exit__(None, None, None)
