"""Every spelling of an address that is not public, through the real path: resolve, guard, connector.

A server listens on all of loopback and counts connections: there must be none.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from crawler.requests.exchange import FetchResult
from crawler.requests.fetch import Fetcher
from crawler.rules.urls import BadUrl, resolve
from tests.fakeweb import Answer, FakeWeb, redirect
from tests.harness import network
from tests.harness.fetching import fetch_all

# Hosts as a person, a page or a redirect may write them; {} is the port of the server that counts.
PLAIN_IPV4 = """
127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.254 0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.1
10.255.255.254 100.64.0.1 100.127.255.254 100.100.100.200 168.63.129.16 169.254.0.1
169.254.169.254 169.254.170.2 169.254.169.123 169.254.169.253 172.16.0.1 172.31.255.254
192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
192.168.0.1 192.168.1.1 192.168.255.254 192.175.48.1 198.18.0.1 198.19.255.254 198.51.100.1
203.0.113.1 224.0.0.1 224.0.0.251 239.255.255.250 240.0.0.1 255.255.255.254 255.255.255.255
""".split()  # noqa: SIM905 - a table
ODD_IPV4 = """
127.1 127.0.1 127.65535 127.0.65535 10.1 10.0.1 192.168.1 192.168.257 169.254.43518 172.16.1
0 0.0 0.0.0 2130706433 2130706434 3232235521 167772161 2851995648 2852039166 2886729728
1681915905 4294967295 4026531841 017700000001 0x7f000001 0x7F000001 0X7F.1 0x7f.1
0x7f.0x0.0x0.0x1 0x7f.0.0.1 0x7f.0.1 0x7f.0x1 0177.1 0177.0.1 0177.0.0.1 0177.0.0.01
0177.0000.0000.0001 00000177.0.0.1 127.0.0.0x1 127.0x0.0.1 127.0.0.01 127.00.00.01
0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0251.0376.0251.0376 0251.254.169.254 025177524776
169.254.0xa9fe 169.0xfea9fe 0x0a000001 012.0.0.1 0xa.0.0.1 0300.0250.0.1 0xc0a80001
0xc0.0xa8.1 030052000001 0x64400001 0xac100001 0254.16.0.1 127.0.0.1. 127.1. 0x7f000001.
2130706433. 169.254.169.254. 10.0.0.1. 0177.0.0.1. 0.
""".split()  # noqa: SIM905 - a table
OTHER_DIGITS = """
①②⑦.⓪.⓪.① １２７.０.０.１ １２７。０。０。１ 127。0。0。1
127．0．0．1 127｡0｡0｡1 ２１３０７０６４３３ ０x7f000001 ⓪x7f.1
①⑥⑨.②⑤④.①⑥⑨.②⑤④ 𝟏𝟐𝟕.𝟎.𝟎.𝟏 𝟙𝟚𝟟.𝟘.𝟘.𝟙 ¹²⁷.⁰.⁰.¹ １６９．２５４．１６９．２５４ ⑩.0.0.1 １０.０.０.１
127%2e0%2e0%2e1 %31%32%37.0.0.1 127.0.0%2E1 %30 0x%37f.1 127.0.0.1%2e
%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1 1⁠27.0.0.1 127.0.0.1­ １９２.168.0.1 ⒈⒉⒎.0.0.1
""".split()  # noqa: SIM905 - a table
IPV6 = """
:: ::1 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001 ::0001 0::1 ::0:1 ::2
::127.0.0.1 ::7f00:1 ::10.0.0.1 ::169.254.169.254 ::a9fe:a9fe ::ffff:127.0.0.1
::FFFF:127.0.0.1 ::ffff:7f00:1 ::ffff:7f00:0001 0:0:0:0:0:ffff:127.0.0.1
0:0:0:0:0:ffff:7f00:1 ::ffff:0.0.0.0 ::ffff:10.0.0.1 ::ffff:a00:1 ::ffff:192.168.0.1
::ffff:c0a8:1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::ffff:100.64.0.1 ::ffff:172.16.0.1
::ffff:0:127.0.0.1 ::ffff:0:7f00:1 64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1
64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1 64:ff9b:1:fffe::1 100::1 100:0:0:1::1 2001::1
2001:0:7f00:1::1 2001:0:4136:e378:8000:63bf:80ff:fffe 2001:2::1 2001:10::1 2001:20::1
2001:db8::1 2002:7f00:1:: 2002:7f00:0001::1 2002:a00:1::1 2002:a9fe:a9fe::1 2002:c0a8:1::1
2620:4f:8000::1 3ffe::1 3fff::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fe80::1
fe80::5efe:127.0.0.1 febf::1 fec0::1 feff::1 ff01::1 ff02::1 ff05::2 ff0e::1 4000::1 8000::1
1000::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
""".split()  # noqa: SIM905 - a table
ZONES = ["[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%25lo]", "[::1%lo]", "[::1%251]", "[fe80::1%2525lo]"]
NAMES = {
    "localhost": "127.0.0.1",
    "LOCALHOST": "127.0.0.1",
    "localhost.": "127.0.0.1",
    "a.localhost": "127.0.0.1",
    "localhost.localdomain": "127.0.0.1",
    "ip6-localhost": "::1",
    "ｌｏｃａｌｈｏｓｔ": "127.0.0.1",
    "loc%61lhost": "127.0.0.1",
    "ⓛocalhost": "127.0.0.1",
    "metadata": "169.254.169.254",
    "metadata.google.internal": "169.254.169.254",
    "METADATA.google.internal.": "169.254.169.254",
    "metadata.goog": "169.254.169.254",
    "instance-data": "169.254.169.254",
    "instance-data.ec2.internal": "169.254.169.254",
    "kubernetes.default.svc": "10.96.0.1",
    "host.docker.internal": "192.168.65.2",
    "gateway.docker.internal": "192.168.65.1",
    "127.0.0.1.nip.io": "127.0.0.1",
    "7f000001.nip.io": "127.0.0.1",
    "10-0-0-1.sslip.io": "10.0.0.1",
    "localtest.me": "127.0.0.1",
    "lvh.me": "127.0.0.1",
    "mapped.test": "::ffff:127.0.0.1",
    "linklocal.test": "fe80::1%eth0",
    "xn--ls8h.test": "127.0.0.1",
    "💩.test": "127.0.0.1",
    "ß.test": "10.0.0.1",
}
USER_INFO = [
    "http://example.com@127.0.0.1:{}/",
    "http://example.com:80@127.0.0.1:{}/",
    "http://user:word@localhost:{}/",
    "http://example.com%40127.0.0.1:{}/",
    "http://example.com%2f@127.0.0.1:{}/",
    "http://@127.0.0.1:{}/",
    "http://a@b@127.0.0.1:{}/",
    "http://127.0.0.1:{}@127.0.0.1/",
    "http://127.0.0.1:{}#@example.com/",
    "http://127.0.0.1:{}?@example.com/",
    "http://127.0.0.1:{}\\@example.com/",
    "http:\\\\127.0.0.1:{}\\",
    "http:127.0.0.1:{}/",
    "http:/127.0.0.1:{}/",
    "http:///127.0.0.1:{}/",
    "http:////127.0.0.1:{}/",
    "HTTP://127.0.0.1:{}/",
    " \thttp://127.0.0.1:{}/ ",
    "ht\ntp://127.0.0.1:{}/",
    "http://127.0\n.0.1:{}/",
    "http://127.\t0.0.1:{}/",
    "http://127.0.0.1:0{}/",
    "http://example.com@[::1]:{}/",
    "http://0x7f000001@0x7f000001:{}/",
]
URLS = [
    *(f"http://{host}:{{}}/" for host in (*PLAIN_IPV4, *ODD_IPV4, *OTHER_DIGITS, *ZONES, *NAMES)),
    *(f"http://[{address}]:{{}}/" for address in IPV6),
    *USER_INFO,
]


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    """A server behind every address of loopback."""
    with FakeWeb(host="0.0.0.0") as web:
        web.on("/", Answer(body="secret"))
        yield web


class Resolver:
    """Stands for the system's: names with the addresses of the test, one answer after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[str]] = {}
        self.asked = 0
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: object, *rest: object) -> list[tuple[object, ...]]:
        self.asked += 1
        addresses = self.answers.get(host.rstrip(".").lower())
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    resolver = Resolver(monkeypatch)
    for name, address in NAMES.items():
        resolver.answers[_host(name)] = [address]
    return resolver


def _host(name: str) -> str:
    """A name as the resolver is asked for it."""
    host = resolve(f"http://{name}/").removeprefix("http://").removesuffix("/")
    return host.rstrip(".").lower()


def test_there_are_many_spellings():
    assert len(set(URLS)) == len(URLS) >= 220


def test_no_spelling_of_a_private_address_is_connected_to(web: FakeWeb, resolver: Resolver) -> None:
    through, reasons = {}, set()
    for spelling in URLS:
        try:
            url = resolve(spelling.format(web.port))
        except BadUrl:
            continue
        (result,) = fetch_all(url, allow=())
        reasons.add(result.reason)
        if result.reason not in {"blocked_address", "bad_url", "dns"}:
            through[spelling] = (url, result.reason, result.detail)
    assert through == {}
    assert "blocked_address" in reasons
    assert web.connections_made == 0
    assert not network.offences


@pytest.mark.parametrize("location", ["http://2130706433:{}/", "//[::ffff:7f00:1]:{}/", "http://lvh.me:{}/"])
def test_no_redirect_of_robots_leads_to_a_private_address(
    web: FakeWeb, resolver: Resolver, location: str
) -> None:
    """The guard is in the connector: what is followed inside of the fetcher passes it too."""
    resolver.answers["lvh.me"] = ["10.0.0.1"]
    web.robots = redirect(location.format(web.port + 1))

    async def run() -> FetchResult:
        fetcher = Fetcher(deadline=5, max_bytes=1 << 20, max_retry_after=60, connections=4)
        try:
            return await fetcher.fetch_robots(f"http://127.0.0.9:{web.port}", "T", ("127.0.0.9/32",))
        finally:
            await fetcher.aclose()

    result = asyncio.run(run())
    assert result.reason == "blocked_address"
    assert web.connections_made == 1


def test_a_name_that_moves_between_check_and_connection_moves_nothing(
    web: FakeWeb, resolver: Resolver
) -> None:
    """DNS rebinding: the address that was checked is connected to, and the name is not asked for again."""
    resolver.answers["rebinding.test"] = ["127.0.0.1", "10.0.0.1"]
    url = f"http://rebinding.test:{web.port}/"
    first, second = fetch_all(url, url, allow=("127.0.0.1/32",))
    assert (first.body, second.body) == (b"secret", b"secret")
    assert resolver.asked == 1
    assert not network.offences


def test_a_name_that_moves_between_two_pages_is_refused(
    web: FakeWeb, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once an answer is forgotten, the name is looked up and checked anew."""
    monkeypatch.setattr("crawler.requests.resolver.DNS_SECONDS", 0)
    web.on("/", Answer(body="first", headers=(("Connection", "close"),)))
    resolver.answers["rebinding.test"] = ["127.0.0.1", "127.0.0.2"]
    url = f"http://rebinding.test:{web.port}/"
    first, second = fetch_all(url, url, allow=("127.0.0.1/32",))
    assert (first.body, second.reason) == (b"first", "blocked_address")
    assert resolver.asked == 2
    assert web.connections_made == 1
