"""One request and what came of it: the only module that uses an HTTP client.

Whatever a server does, :meth:`Fetcher.fetch` returns within its deadline, holds no more than its byte cap,
connects to no address that the guard refuses, and never raises. Redirects are answers, not followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import NamedTuple, cast

import httpx

from crawler import body
from crawler.errors import is_transient
from crawler.headers import check_header
from crawler.records import FetchRequest, FetchResult, Reason, http_reason
from crawler.transport import AddressRefused, GuardedTransport, NameNotResolved, TLSFailed
from crawler.urls import BadUrl, resolve

log = logging.getLogger(__name__)

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ROBOTS_BYTES = 500 * 1024  # RFC 9309 section 2.5
ROBOTS_HOPS = 5  # RFC 9309 section 2.3.1.2
THREAD_BYTES = 1 << 20  # larger bodies are decoded in a thread, so that the loop goes on
REDIRECTS = frozenset((301, 302, 303, 307, 308))
EMPTY = frozenset((204, 205))

_FIELDS = (("Accept", ACCEPT), ("Accept-Encoding", body.ACCEPT_ENCODING))
_URL = re.compile(r"(https?)://(?:[^/?#@]*@)?([^/?#@\s]+)([/?][\x21-\x22\x24-\x7e]*)?")
_PAGE_TYPE = re.compile(r"(?:text/|application/(?:xml|[\w.-]+\+xml)(?:[;\s]|$))", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # WHATWG MIME Sniffing section 3

_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    # Order matters: the first three are ConnectErrors.
    (AddressRefused, Reason.BLOCKED_ADDRESS),
    (NameNotResolved, Reason.DNS),
    (TLSFailed, Reason.TLS),
    (httpx.ConnectError, Reason.CONNECT),
    (httpx.TimeoutException, Reason.TIMEOUT),
    (TimeoutError, Reason.TIMEOUT),
    (httpx.RemoteProtocolError, Reason.BAD_RESPONSE),
    (httpx.LocalProtocolError, Reason.BAD_URL),
    (httpx.InvalidURL, Reason.BAD_URL),
    (httpx.NetworkError, Reason.READ),
    (body.Undecodable, Reason.DECODING),
    (body.OverLimit, Reason.TOO_LARGE),
)


class _Failed(Exception):
    """The fetch ends here, for a reason of our own."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason


class _Cap(NamedTuple):
    """How much of a body is taken; ``cut``: what is over the cap is left out, and no failure."""

    size: int
    cut: bool = False


_ROBOTS = _Cap(ROBOTS_BYTES, cut=True)


@dataclass(slots=True)
class _Answer:
    """What is known of a response so far; filled as it arrives, so that a failure keeps the rest."""

    status: int | None = None
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    location: str | None = None
    detail: str = ""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class _Client(httpx.AsyncClient):
    """A client without a memory: the cookie jar, shared by all hosts and slow to ask, is gone."""

    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        raise TypeError("this client keeps no cookies")


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Set-Cookie is data for the archive, not state of ours."""

    def set_cookie_header(self, request: httpx.Request) -> None:
        """No cookies but those that a seed's own headers bring."""


_NO_COOKIES = _NoCookies()


class Fetcher:
    """Makes requests from one event loop; connections are pooled per allow-list of networks."""

    def __init__(self, *, deadline: float, max_bytes: int, max_retry_after: float, connections: int) -> None:
        """``deadline``: seconds for a whole fetch. ``max_bytes``: cap on the raw and on the decoded body.
        ``max_retry_after``: ceiling in seconds. ``connections``: open at once, per allow-list."""
        self._deadline = deadline
        self._page = _Cap(max_bytes)
        self._max_retry_after = max_retry_after
        self._connections = connections
        self._clients: dict[tuple[str, ...], httpx.AsyncClient] = {}

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """Ask for one URL. Never raises for anything a server does; the result's ``reason`` tells."""
        return await self._fetch(request, self._page)

    async def fetch_robots(
        self, origin: str, user_agent: str, allow_networks: tuple[str, ...]
    ) -> FetchResult:
        """robots.txt of an origin: any content type, redirects followed, cut at 500 KiB (RFC 9309).

        ``status`` is None unless a complete answer arrived: an incomplete one counts as unreachable.
        """
        url = f"{origin}/robots.txt"
        deadline = time.monotonic() + self._deadline
        for _ in range(ROBOTS_HOPS + 1):
            request = FetchRequest(url=url, user_agent=user_agent, allow_networks=allow_networks)
            result = await self._fetch(request, _ROBOTS, deadline - time.monotonic())
            if result.location is None:
                break
            url = result.location
        return result

    async def aclose(self) -> None:
        """Close every connection at once."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def _client(self, allow_networks: tuple[str, ...]) -> httpx.AsyncClient:
        if (client := self._clients.get(allow_networks)) is None:
            transport = GuardedTransport(allow_networks, connections=self._connections)
            client = self._clients[allow_networks] = _Client(transport=transport, trust_env=False)
        return client

    async def _fetch(self, request: FetchRequest, cap: _Cap, seconds: float | None = None) -> FetchResult:
        answer = _Answer()
        started_at, began = time.time(), time.monotonic()
        try:
            async with asyncio.timeout(self._deadline if seconds is None else seconds):
                await self._exchange(request, cap, answer)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is the outcome of this visit alone
            answer.reason, answer.detail = _explain(error, request.url)
            answer.body = b""
        return self._result(request.url, answer, started_at, time.monotonic() - began)

    async def _exchange(self, request: FetchRequest, cap: _Cap, answer: _Answer) -> None:
        client = self._client(request.allow_networks)
        response = await client.send(_prepare(request), stream=True, auth=None, follow_redirects=False)
        try:
            answer.status = response.status_code
            answer.headers = tuple(
                (name.lower().decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw
            )
            if _has_body(request, answer, any_type=cap.cut):
                answer.body = await _read(response, answer, cap)
        finally:
            await response.aclose()

    def _result(self, url: str, answer: _Answer, started_at: float, elapsed: float) -> FetchResult:
        retry_after = None
        if answer.reason is not None and (value := answer.header("retry-after")):
            retry_after = min(float(value), self._max_retry_after) if value.isdecimal() else None
        return FetchResult(
            url=url,
            status=answer.status,
            reason=answer.reason,
            headers=answer.headers,
            body=answer.body,
            location=answer.location,
            elapsed=elapsed,
            started_at=started_at,
            retry_after=retry_after,
            transient=is_transient(answer.reason),
            detail=answer.detail,
        )


def _prepare(request: FetchRequest) -> httpx.Request:
    """The request as it will be sent: the URL byte for byte, without user name and password."""
    match = _URL.fullmatch(request.url)
    if match is None:
        raise _Failed(Reason.BAD_URL, "not a resolved http or https URL")
    scheme, authority, target = match.groups("")
    if not target.startswith("/"):
        target = f"/{target}"
    fields = [
        ("User-Agent", request.user_agent),
        ("Accept", ACCEPT),
        ("Accept-Encoding", body.ACCEPT_ENCODING),
    ]
    if request.etag:
        fields.append(("If-None-Match", request.etag))
    if request.last_modified:
        fields.append(("If-Modified-Since", request.last_modified))
    return httpx.Request(
        "GET",
        httpx.URL(f"{scheme}://{authority}{target}"),
        headers=_with_own(request.headers, fields),
        extensions={"target": target.encode("ascii"), "timeout": {}},
    )


def _with_own(own: tuple[tuple[str, str], ...], fields: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """The fields to send; a seed's own replace ours of the same name."""
    for name, value in own:
        try:
            check_header(name, value)
        except ValueError as error:
            raise _Failed(Reason.INTERNAL_ERROR, str(error)) from error
    replaced = {name.lower() for name, _ in own}
    kept = [field for field in fields if field[0].lower() not in replaced]
    return [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in (*kept, *own)]


def _has_body(request: FetchRequest, answer: _Answer, *, any_type: bool) -> bool:
    """Whether the body is to be read: judges status, redirect and content type, and notes the outcome."""
    status = answer.status or 0
    if status in REDIRECTS:
        answer.location = _target(answer.header("location"), request.url)
        return False
    if status == 304 and (request.etag or request.last_modified):
        return False
    if not 200 <= status < 300 or status == 206:  # a part that was not asked for is no page
        raise _Failed(http_reason(status))
    if not any_type and (kind := answer.header("content-type")) and not _PAGE_TYPE.match(kind):
        raise _Failed(Reason.CONTENT_TYPE, kind[:200])
    return status not in EMPTY


def _target(location: str, base: str) -> str:
    """The absolute URL of a Location header; browsers read its bytes as UTF-8."""
    if not location:
        raise _Failed(Reason.BAD_REDIRECT, "a redirect without a Location")
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return resolve(location, base)
    except BadUrl as error:
        raise _Failed(Reason.BAD_REDIRECT, f"{location[:200]!r}: {error}") from error


async def _read(response: httpx.Response, answer: _Answer, cap: _Cap) -> bytes:
    """The decoded body of a page."""
    codings = body.codings_of(answer.header("content-encoding"))
    length = answer.header("content-length")
    if length.isdecimal() and int(length) > cap.size and not cap.cut:
        raise _Failed(Reason.TOO_LARGE, f"{length} bytes announced")
    raw = await _read_raw(response, cap)
    if codings:
        raw = await _decode(raw, codings, cap)
    if not cap.cut and not answer.header("content-type") and _BINARY.search(raw, 0, 512):
        raise _Failed(Reason.CONTENT_TYPE, "no content type, and binary data")
    return raw


async def _read_raw(response: httpx.Response, cap: _Cap) -> bytes:
    chunks, size = [], 0
    stream = cast(AsyncGenerator[bytes, None], aiter(cast(httpx.AsyncByteStream, response.stream)))
    async with contextlib.aclosing(stream):
        async for chunk in stream:
            chunks.append(chunk)
            size += len(chunk)
            if size > cap.size:
                if not cap.cut:
                    raise _Failed(Reason.TOO_LARGE, f"more than {cap.size} bytes")
                break
    return b"".join(chunks)[: cap.size]


async def _decode(raw: bytes, codings: tuple[str, ...], cap: _Cap) -> bytes:
    try:
        if len(raw) > THREAD_BYTES:
            return await asyncio.to_thread(body.decode, raw, codings, cap.size)
        return body.decode(raw, codings, cap.size)
    except body.OverLimit as error:
        if not cap.cut:
            raise
        return error.head
    except body.Truncated as error:
        if not cap.cut or len(raw) < cap.size:
            raise
        return error.head  # it was our own cap that cut it


def _explain(error: Exception, url: str) -> tuple[str, str]:
    """Reason and one line for people."""
    if isinstance(error, _Failed):
        return error.reason, str(error)
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason, str(error) or type(error).__name__
    log.exception("The fetch of %s failed for a reason of ours", url, exc_info=error)
    return Reason.INTERNAL_ERROR, f"{type(error).__name__}: {error}"
