"""The fetcher above its connections: respx answers in their place, with the exceptions of httpx."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import respx

from crawler.requests.exchange import FetchRequest, FetchResult
from crawler.requests.fetch import Fetcher
from tests.harness.mocked_web import HttpxPool

URL = "https://example.org/page?a=b"


@pytest.fixture
def page():
    with respx.mock(using="httpx", assert_all_called=False) as router:
        yield router.get(URL)


def run(page: respx.Route, **fields: object) -> FetchResult:
    async def ask() -> FetchResult:
        fetcher = Fetcher(deadline=1, max_bytes=1000, max_retry_after=60, connections=1, open_pool=HttpxPool)
        try:
            return await fetcher.fetch(FetchRequest(url=URL, user_agent="Test/1.0", **fields))
        finally:
            await fetcher.aclose()

    return asyncio.run(ask())


def test_a_mocked_page_is_fetched(page):
    page.respond(200, html="<p>hello")
    result = run(page)
    assert (result.status, result.reason, result.body) == (200, None, b"<p>hello")
    assert result.header("content-type") == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("error", "reason", "transient"),
    [
        (httpx.ConnectError("x"), "connect", True),
        (httpx.ConnectTimeout("x"), "timeout", True),
        (httpx.ReadTimeout("x"), "timeout", True),
        (httpx.PoolTimeout("x"), "timeout", True),
        (httpx.ReadError("x"), "read", True),
        (httpx.WriteError("x"), "read", True),
        (httpx.CloseError("x"), "read", True),
        (httpx.RemoteProtocolError("x"), "bad_response", False),
        (httpx.LocalProtocolError("x"), "bad_url", False),
        (httpx.UnsupportedProtocol("x"), "internal_error", False),
        (RuntimeError("x"), "internal_error", False),
        (KeyError("x"), "internal_error", False),
    ],
)
def test_no_exception_leaves_a_fetch(page, error, reason, transient):
    page.side_effect = error
    result = run(page)
    assert (result.status, result.reason, result.transient) == (None, reason, transient)
    assert result.detail


def test_a_cancelled_fetch_stays_cancelled(page):
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    page.side_effect = hang

    async def ask() -> None:
        fetcher = Fetcher(deadline=60, max_bytes=1000, max_retry_after=60, connections=1, open_pool=HttpxPool)
        task = asyncio.create_task(fetcher.fetch(FetchRequest(url=URL, user_agent="Test/1.0")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await fetcher.aclose()

    asyncio.run(ask())


def test_a_fetch_without_an_end_ends_at_its_deadline(page):
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    page.side_effect = hang
    result = run(page)
    assert (result.reason, result.transient) == ("timeout", True)
    assert result.detail == "no complete answer within 1 s"


def test_conditions_are_asked_with(page):
    page.respond(304)
    result = run(page, etag='"v1"', last_modified="Mon, 23 Nov 2026 02:00:00 GMT")
    asked = page.calls.last.request.headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"v1"', "Mon, 23 Nov 2026 02:00:00 GMT")
    assert (result.status, result.reason) == (304, None)


def test_a_secret_of_a_seed_is_sent_and_not_told(page):
    page.respond(200, html="x")
    result = run(page, headers=(("Authorization", "Bearer secret"),))
    assert page.calls.last.request.headers["authorization"] == "Bearer secret"
    assert "secret" not in repr(result)
