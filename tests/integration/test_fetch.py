"""The fetcher against a server that misbehaves in every way we know: it answers in time, and tells why."""

from __future__ import annotations

import asyncio
import gzip
import resource
import time
from collections.abc import Iterator

import pytest

from crawler.requests.exchange import FetchRequest, FetchResult
from crawler.requests.fetch import Fetcher
from crawler.sizes import ROBOTS_BYTES
from tests.fakeweb import Answer, FakeWeb, Request, linked_site, redirect
from tests.fakeweb.bad import CASES, MISBEHAVIOURS
from tests.fakeweb.misbehaviour import PAGE, Raw
from tests.harness.waiting import PATIENCE

LOCAL = ("127.0.0.0/8",)
DEADLINE = 0.8
MAX_BYTES = 1 << 20

# What a fetch alone can tell; the session and the reader decide about the others.
FETCHED = {
    name: case
    for name, case in CASES.items()
    if case.reason not in {"noindex", "redirect_loop", "unreadable"} and case.status != 304
}
SLOW = ("bomb", "endless", "gzip-many", "extensions", "single")  # not by waiting: they send or unpack much


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as web:
        yield web


def ask(*requests: FetchRequest | str, **limits: float) -> list[FetchResult]:
    """The results of fetching one after the other, with one fetcher."""

    async def run() -> list[FetchResult]:
        fetcher = make_fetcher(**limits)
        try:
            return [await fetcher.fetch(as_request(request)) for request in requests]
        finally:
            await fetcher.aclose()

    return asyncio.run(run())


def make_fetcher(*, deadline: float = DEADLINE, max_bytes: int = MAX_BYTES, connections: int = 4) -> Fetcher:
    return Fetcher(deadline=deadline, max_bytes=max_bytes, max_retry_after=600, connections=connections)


def as_request(request: FetchRequest | str, **fields: object) -> FetchRequest:
    if isinstance(request, FetchRequest):
        return request
    return FetchRequest(url=request, user_agent="Test/1.0", allow_networks=LOCAL, **fields)


def ask_robots(origin: str, **limits: float) -> FetchResult:
    async def run() -> FetchResult:
        fetcher = make_fetcher(**limits)
        try:
            return await fetcher.fetch_robots(origin, "Test/1.0", LOCAL)
        finally:
            await fetcher.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize("name", FETCHED)
def test_misbehaviour_ends_in_time_and_says_why(web, name):
    case = FETCHED[name]
    deadline = 5 if name.startswith(SLOW) or case.body is None else DEADLINE
    cap = MAX_BYTES if case.body is not None else 10 * MAX_BYTES
    (result,) = ask(as_request(web.odd(name), files=True), deadline=deadline, max_bytes=cap)
    assert result.elapsed < deadline + 0.5 * PATIENCE
    assert (result.status, result.reason) == (case.status, case.reason)
    assert case.body is None or result.body == case.body
    assert bool(result.detail) == (result.reason is not None and not result.reason.startswith("http_"))
    assert result.detail.isprintable()
    assert len(result.detail) < 300


def test_a_dripped_body_is_cut_at_the_deadline(web):
    (result,) = ask(web.odd("drip-body"), max_bytes=100 << 20, deadline=0.5)
    assert result.reason == "timeout"
    assert 0.5 <= result.elapsed < PATIENCE


def test_a_body_that_nobody_wants_is_not_waited_for(web):
    """Longest: the second for which a short rest of a body is drained."""
    (result,) = ask(
        web.on("/x", Raw(b"HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n", end="open")), deadline=9
    )
    assert result.reason == "http_404"
    assert result.elapsed < 1.5 * PATIENCE


def test_bombs_and_endless_bodies_take_no_memory(web):
    names = ["endless-body", "endless-error", *(name for name in CASES if name.startswith("bomb"))]
    ask(*map(web.odd, names), deadline=5)  # the bombs are made, and the heap has its size
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ask(*map(web.odd, names * 3), deadline=5)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 * 1024  # KiB


def test_what_was_sent_is_exactly_this(web):
    seen: list[bytes] = []

    def record(request: Request) -> Answer:
        seen.append(request.raw)
        return Answer(body="x")

    web.route("/a", record)
    ask(
        FetchRequest(
            url=f"{web.url}/a?b=%41&c",
            user_agent="Test/1.0",
            allow_networks=LOCAL,
            headers=(("Accept-Language", "de"), ("accept", "*/*"), ("Authorization", "Basic x")),
            etag='W/"é"',
            last_modified="Mon, 23 Nov 2026 02:00:00 GMT",
        )
    )
    assert seen[0].decode("latin-1").split("\r\n") == [
        "GET /a?b=%41&c HTTP/1.1",
        f"Host: 127.0.0.1:{web.port}",
        "User-Agent: Test/1.0",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: de",
        "accept: */*",
        "Authorization: Basic x",
        'If-None-Match: W/"é"',
        "If-Modified-Since: Mon, 23 Nov 2026 02:00:00 GMT",
    ]


@pytest.mark.parametrize(
    "target",
    [
        "/%7Euser/%41",
        "/?",
        "/?c=%41",
        "//double//slash",
        "/a;b=c/@:!$&'()*+,=",
        "/[x]{y}|^`",
        "/x?a=[1]|{2}&b='\"<>",
        "/a/%2e%2E/b",
    ],
)
def test_the_url_is_sent_byte_for_byte(web, target):
    ask(web.url + target)
    assert [seen.path for seen in web.requests] == [target]


@pytest.mark.parametrize("tail", ["", "?a=b"])
def test_a_url_without_a_path_asks_for_the_root(web, tail):
    ask(web.url + tail)
    assert [seen.path for seen in web.requests] == ["/" + tail]


def test_user_name_and_password_of_a_url_are_not_sent(web):
    web.on("/", Answer(body="x"))
    (result,) = ask(web.url.replace("//", "//user:secret@") + "/")
    assert result.status == 200
    assert "authorization" not in web.requests[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "data:text/html,x",
        "//127.0.0.1/",
        "",
        "http://",
        "http:///x",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\r\nX: y",
        "http://127.0.0.1/ü",
        "http://127.0.0.1/#x",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://a b/",
        "http://127.1/",
    ],
)
def test_what_is_no_resolved_url_is_not_asked_for(url):
    (result,) = ask(url)
    assert (result.status, result.reason, result.transient) == (None, "bad_url", False)


@pytest.mark.parametrize(
    "field",
    [
        ("X-A", "b\r\nX-Injected: c"),
        ("X-A", "b\nc"),
        ("X-A\r\nX-B", "c"),
        ("X A", "b"),
        ("", "b"),
        ("X-A", "€"),
        ("Host", "elsewhere.invalid"),
        ("content-length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("User-Agent", "Mozilla"),
    ],
)
def test_a_seeds_header_cannot_break_the_request(web, field):
    (result,) = ask(as_request(web.url + "/", headers=(field,)))
    assert result.reason == "internal_error"
    assert result.detail
    assert not web.requests


def test_a_user_agent_cannot_break_the_request(web):
    (result,) = ask(FetchRequest(url=web.url + "/", user_agent="a\r\nb: c", allow_networks=LOCAL))
    assert result.reason == "internal_error"
    assert not web.requests


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("text/html", None),
        ("TEXT/HTML;charset=utf-8", None),
        ("text/plain", None),
        ("text/csv", None),
        ("application/xhtml+xml", None),
        ("application/xml", None),
        ("text/xml", None),
        ("application/rss+xml", None),
        ("application/atom+xml; charset=utf-8", None),
        ("application/json", None),
        ("application/pdf", "content_type"),
        ("application/octet-stream", "content_type"),
        ("application/xmlish", "content_type"),
        ("image/png", "content_type"),
        ("image/svg+xml", "content_type"),
        ("nonsense", None),
    ],
)
def test_the_content_type_decides_what_is_a_page(web, kind, reason):
    (result,) = ask(web.on("/x", Answer(body="<p>hello", content_type=kind)))
    assert (result.status, result.reason) == (200, reason)
    assert result.body == (b"<p>hello" if reason is None else b"")


@pytest.mark.parametrize(
    ("status", "reason", "transient"),
    [
        (200, None, False),
        (203, None, False),
        (206, "http_206", False),
        (300, "http_300", False),
        (304, "http_304", False),
        (400, "http_400", False),
        (401, "http_401", False),
        (403, "http_403", False),
        (404, "http_404", False),
        (408, "http_408", True),
        (410, "http_410", False),
        (429, "http_429", True),
        (500, "http_500", True),
        (503, "http_503", True),
        (599, "http_599", True),
        (600, "http_600", False),
        (999, "http_999", False),
    ],
)
def test_the_status_decides_what_is_a_page(web, status, reason, transient):
    (result,) = ask(web.on("/x", Answer(status, "" if status == 304 else "<p>hello")))
    assert (result.status, result.reason, result.transient) == (status, reason, transient)
    assert result.body == (b"<p>hello" if reason is None else b"")


@pytest.mark.parametrize("status", [204, 205])
def test_no_content_is_an_empty_page(web, status):
    (result,) = ask(web.on("/x", Raw(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)))
    assert (result.status, result.reason, result.body) == (status, None, b"")


@pytest.mark.parametrize(("status", "reason"), [(204, None), (304, "http_304")])
def test_a_body_that_must_not_be_there_is_not_read(web, status, reason):
    """RFC 9112 section 6.3; what comes behind the head makes the connection unfit for another request."""
    head = b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n" % (status, len(PAGE))
    odd = web.on("/odd", Raw(head + PAGE, end="open"))
    results = ask(odd, web.on("/x", Answer(body="x")))
    assert [(result.status, result.reason, result.body) for result in results] == [
        (status, reason, b""),
        (200, None, b"x"),
    ]
    assert [seen.connection for seen in web.requests] == [1, 2]


def test_an_empty_body_is_an_empty_page(web):
    (result,) = ask(web.on("/x", Answer(body="")))
    assert (result.status, result.reason, result.body) == (200, None, b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer(web, status):
    (result,) = ask(web.on("/a/b", redirect("../c?d#e", status)))
    assert (result.status, result.reason, result.location) == (status, None, f"{web.url}/c?d")
    assert [seen.path for seen in web.requests] == ["/a/b"]


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("http://10.0.0.1/", "http://10.0.0.1/"),  # the guard's affair, when it is visited
        ("https://example.org", "https://example.org/"),
        ("//example.org/x", "http://example.org/x"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("/ü b", "{}/%C3%BC%20b"),
        ("", None),
        ("file:///etc/passwd", None),
        ("gopher://x/", None),
        ("data:text/html,x", None),
        ("javascript:alert(1)", None),
        ("http://", None),
        ("http://exa mple/", None),
        ("http://x:99999/", None),
        ("/" + "x" * 9000, None),
    ],
)
def test_where_a_redirect_leads(web, location, target):
    (result,) = ask(web.on("/", redirect(location)))
    assert result.status == 302
    if target is None:
        assert (result.reason, result.location) == ("bad_redirect", None)
    else:
        assert (result.reason, result.location) == (None, target.format(web.url))


def test_a_redirect_without_a_location_is_a_failure(web):
    (result,) = ask(web.on("/", Answer(302)))
    assert (result.status, result.reason) == (302, "bad_redirect")


def test_nothing_new_since_the_last_version(web):
    url = web.on("/x", Answer(body="<p>x", etag='"v1"', modified=1_700_000_000))
    (first,) = ask(url)
    assert first.header("etag") == '"v1"'
    by_tag = as_request(url, etag=first.header("etag"))
    by_date = as_request(url, last_modified=first.header("last-modified"))
    changed = as_request(url, etag='"v0"', last_modified=first.header("last-modified"))
    results = ask(by_tag, by_date, changed)
    assert [(result.status, result.reason, len(result.body)) for result in results] == [
        (304, None, 0),
        (304, None, 0),
        (200, None, 4),
    ]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("99999", 600), ("Fri, 31 Dec 2100 23:59:59 GMT", 600), ("soon", None), ("-5", None)],
)
def test_retry_after_in_both_forms(web, value, seconds):
    (result,) = ask(web.on("/x", Answer(503, headers=(("Retry-After", value),))))
    assert (result.reason, result.retry_after) == ("http_503", seconds)


def test_headers_arrive_as_they_were_sent(web):
    head = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nX-Latin: \xe9\r\nSet-Cookie: a=b\r\n"
    (result,) = ask(web.on("/x", Raw(head + b"Content-Length: 0\r\n\r\n")))
    assert result.headers[:4] == (("x-a", "1"), ("x-a", "2"), ("x-latin", "é"), ("set-cookie", "a=b"))


def test_cookies_are_not_kept(web):
    url = web.on("/x", Answer(body="x", headers=(("Set-Cookie", "a=b; Path=/"),)))
    ask(url, url)
    assert all("cookie" not in seen.headers for seen in web.requests)


def test_the_cap_counts_what_is_sent_and_what_is_decoded(web):
    exact = web.on("/exact", Answer(body=b"x" * 1000))
    more = web.on("/more", Answer(body=b"x" * 1001))
    packed = Answer(body=gzip.compress(b"x" * 1001), headers=(("Content-Encoding", "gzip"),))
    results = ask(exact, more, web.on("/packed", packed), max_bytes=1000)
    assert [(result.reason, len(result.body)) for result in results] == [
        (None, 1000),
        ("too_large", 0),
        ("too_large", 0),
    ]


def test_the_times_of_a_fetch(web):
    before = time.time()
    (result,) = ask(web.odd("slow"))
    after = time.time()
    assert before <= result.started_at <= after
    assert 0.3 <= result.elapsed <= after - before


def test_a_flaky_page_comes_the_second_time(web):
    url = web.on("/x", Answer(503), MISBEHAVIOURS["reset"], Answer(body="x"))
    assert [ask(url)[0].reason for _ in range(3)] == ["http_503", "read", None]


def test_every_page_of_a_linked_site_at_once():
    site = linked_site(pages=120, web_sizes=True)

    async def run(web: FakeWeb) -> list[FetchResult]:
        fetcher = make_fetcher(deadline=20, connections=8)
        try:
            return await asyncio.gather(*(fetcher.fetch(as_request(web.url + path)) for path in site.paths))
        finally:
            await fetcher.aclose()

    with FakeWeb(site) as web:
        results = asyncio.run(run(web))
    assert [result.body.decode() for result in results] == [site.html(number) for number in range(120)]
    assert web.connections_made <= 8


# robots.txt


def test_robots_of_any_type_are_read(web):
    web.robots = Answer(body="User-agent: *", content_type="application/octet-stream")
    result = ask_robots(web.url)
    assert (result.status, result.reason, result.body) == (200, None, b"User-agent: *")


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_the_status_of_robots_is_told(web, status):
    web.robots = Answer(status)
    assert (ask_robots(web.url).status, ask_robots(web.url).reason) == (status, f"http_{status}")


def test_five_redirects_of_robots_are_followed(web):
    for number in range(6):
        web.on(f"/r{number}", redirect(f"/r{number + 1}"))
    web.on("/r5", Answer(body="Disallow: /x"))
    web.robots = redirect("/r1")
    assert ask_robots(web.url).body == b"Disallow: /x"


def test_endless_redirects_of_robots_are_told(web):
    web.robots = redirect("/robots.txt")
    result = ask_robots(web.url)
    assert (result.status, result.reason, result.location) == (302, "too_many_redirects", None)
    assert len(web.requests) == 6


@pytest.mark.parametrize("location", ["", "file:///etc/passwd"])
def test_a_redirect_of_robots_to_nowhere_is_a_complete_answer(web, location):
    web.robots = redirect(location)
    result = ask_robots(web.url)
    assert (result.status, result.reason) == (302, "bad_redirect")


def test_a_redirect_of_robots_to_a_private_address_is_refused(web):
    web.robots = redirect("http://10.0.0.1/robots.txt")
    result = ask_robots(web.url)
    assert (result.status, result.reason) == (None, "blocked_address")


@pytest.mark.parametrize("packed", [False, True])
def test_long_robots_are_cut(web, packed):
    text = b"".join(b"Disallow: /%d\n" % number for number in range(45_000))
    assert len(text) > 600_000
    fields = (("Content-Encoding", "gzip"),) if packed else ()
    web.robots = Answer(body=gzip.compress(text) if packed else text, headers=fields)
    result = ask_robots(web.url)
    assert (result.status, result.reason) == (200, None)
    assert result.body == text[: ROBOTS_BYTES + 1]


def test_robots_as_a_bomb_are_cut(web):
    web.robots = MISBEHAVIOURS["bomb-gzip"]
    result = ask_robots(web.url, deadline=5)
    assert (result.status, len(result.body)) == (200, ROBOTS_BYTES + 1)


def test_endless_robots_are_cut(web):
    web.robots = MISBEHAVIOURS["endless-body"]
    result = ask_robots(web.url)
    assert (result.status, len(result.body)) == (200, ROBOTS_BYTES + 1)


@pytest.mark.parametrize("name", ["drop", "hang", "hang-in-body", "close-in-body", "gzip-cut", "not-http"])
def test_robots_that_break_off_are_no_answer(web, name):
    web.robots = MISBEHAVIOURS[name]
    result = ask_robots(web.url)
    assert result.status is None
    assert result.reason


def test_the_deadline_holds_for_all_redirects_of_robots(web):
    """Each answer comes within the deadline, all of them together do not."""
    web.on("/third", Answer(body="User-agent: *", delay=0.6))
    web.on("/second", Answer(301, headers=(("Location", "/third"),), delay=0.6))
    web.robots = Answer(301, headers=(("Location", "/second"),), delay=0.6)
    assert ask_robots(web.url, deadline=1.5).reason == "timeout"
    assert ask_robots(web.url, deadline=60).reason is None
