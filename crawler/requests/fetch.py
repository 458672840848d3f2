"""One request and its result: within its deadline and its byte cap, and never an exception.

No address is connected to that the guard refuses. Redirects are answers, not followed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import NamedTuple

import httpx
import msgspec

from crawler.outcomes import Reason
from crawler.requests import body
from crawler.requests.connection import Response
from crawler.requests.dial import AddressRefused, NameNotResolved, OutOfDescriptors, TLSFailed
from crawler.requests.exchange import FetchRequest, FetchResult, first_header, one_line
from crawler.requests.media_type import media_type
from crawler.requests.pool import ConnectionPool, Place
from crawler.requests.prepared import prepare
from crawler.requests.response import REDIRECTS, Failed, check_body, has_body, redirect_target
from crawler.rules.politeness import parse_retry_after
from crawler.rules.retries import is_transient
from crawler.sizes import ROBOTS_BYTES, SITEMAP_BYTES

log = logging.getLogger(__name__)

ROBOTS_REDIRECTS = 5  # RFC 9309 section 2.3.1.2
IDLE_CONNECTIONS = 512  # kept open beside those in use: a file descriptor each, for 15 s
SLOW_SECONDS = 0.5  # a server whose answer takes longer to begin holds no other request up
SLOW_REQUESTS = 512  # that wait for such servers: they hold a file descriptor each, and few bytes
FIRST_BYTES = 65536  # of a body: until more than so many are here, its answer has only begun
SITEMAPS_AT_ONCE = 8  # they may be 50 MB each
DETAIL_LENGTH = 250  # characters
DESCRIPTOR_TRIES = 60
DESCRIPTOR_SECONDS = 1.0
THREAD_BYTES = 1 << 20  # larger compressed bodies are decoded in a thread, so that the loop goes on

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


_Headers = tuple[tuple[str, str], ...]


class _Cap(NamedTuple):
    """How much of a body is read; ``cut``: a longer body is cut there, and does not fail."""

    size: int
    cut: bool = False


# One byte more than the reader takes, so that it sees that the rest is missing.
_ROBOTS = _Cap(ROBOTS_BYTES + 1, cut=True)
_SITEMAP = _Cap(SITEMAP_BYTES + 1, cut=True)


@dataclass(slots=True)
class _Answer:
    """What is known of a response so far; filled as it arrives, so that a failure keeps what came before."""

    status: int | None = None
    reason: str | None = None
    headers: _Headers = ()
    body: bytes = b""
    location: str | None = None
    detail: str = ""


class Fetcher:
    """Makes requests from one event loop; connections are pooled per allow-list of networks."""

    def __init__(
        self,
        *,
        deadline: float,
        max_bytes: int,
        max_retry_after: float,
        connections: int,
        open_pool: type[ConnectionPool] = ConnectionPool,
    ) -> None:
        """Set the limits of every fetch.

        Args:
            deadline: seconds for all of one fetch, from the name lookup to the last byte.
            max_bytes: cap on a body, as sent and as decoded.
            max_retry_after: ceiling in seconds for a server's Retry-After.
            connections: requests under way at once, but for slow ones; the deadline of more starts later.
            open_pool: what carries requests out, if not the guarded pool; tests put httpx there.
        """
        self._deadline = deadline
        self._page = _Cap(max_bytes)
        self._max_retry_after = max_retry_after
        self._places = asyncio.Semaphore(connections)
        self._all_places = asyncio.Semaphore(connections + SLOW_REQUESTS)
        self._sitemap_places = asyncio.Semaphore(SITEMAPS_AT_ONCE)
        self._keep = connections + IDLE_CONNECTIONS
        self._open_pool = open_pool
        self._pools: dict[tuple[str, ...], ConnectionPool] = {}

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """Ask for one URL. A sitemap may be of any content type, and is cut at the 50 MB of its protocol."""
        if request.sitemap:
            async with self._sitemap_places, self._all_places, Place(self._places) as place:
                return await self._fetch(request, _SITEMAP, self._deadline, place)
        async with self._all_places, Place(self._places) as place:
            return await self._fetch(request, self._page, self._deadline, place)

    async def fetch_robots(
        self, origin: str, user_agent: str, allow_networks: tuple[str, ...]
    ) -> FetchResult:
        """robots.txt of an origin: any content type, five redirects followed, cut at 500 KiB (RFC 9309).

        ``status`` is that of the last complete answer, and None if that answer did not arrive or could not
        be read; with more redirects the reason is ``too_many_redirects``. They share one deadline.
        """
        url = f"{origin}/robots.txt"
        request = FetchRequest(url=url, user_agent=user_agent, allow_networks=allow_networks)
        async with self._all_places, Place(self._places) as place:
            return await self._fetch_robots(request, place)

    async def _fetch_robots(self, request: FetchRequest, place: Place) -> FetchResult:
        end = time.monotonic() + self._deadline
        for _ in range(ROBOTS_REDIRECTS + 1):
            result = await self._fetch(request, _ROBOTS, end - time.monotonic(), place)
            if result.location is None:
                return _complete_or_none(result)
            request = msgspec.structs.replace(request, url=result.location)
        return msgspec.structs.replace(result, location=None, reason=Reason.TOO_MANY_REDIRECTS)

    async def aclose(self) -> None:
        """Close every connection at once."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()

    def _pool(self, allow_networks: tuple[str, ...]) -> ConnectionPool:
        if (pool := self._pools.get(allow_networks)) is None:
            pool = self._pools[allow_networks] = self._open_pool(allow_networks, keep=self._keep)
        return pool

    async def _fetch(self, request: FetchRequest, cap: _Cap, seconds: float, place: Place) -> FetchResult:
        """Waits for a file descriptor, beyond the deadline: to have none left is no fault of the host."""
        for _ in range(DESCRIPTOR_TRIES):
            if (result := await self._attempt(request, cap, seconds, place)) is not None:
                return result
            log.warning("no file descriptor is free; raise the limit of this process (ulimit -n)")
            for pool in self._pools.values():
                pool.close_idle()
            await asyncio.sleep(DESCRIPTOR_SECONDS)
        detail = "no file descriptor was free"
        return FetchResult(url=request.url, reason=Reason.CONNECT, transient=True, detail=detail)

    async def _attempt(
        self, request: FetchRequest, cap: _Cap, seconds: float, place: Place
    ) -> FetchResult | None:
        """One request and its result; None if there was no file descriptor for it."""
        answer = _Answer()
        started_at, start = time.time(), time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                await self._exchange(request, cap, answer, place)
        except TimeoutError:
            answer.reason, answer.detail = Reason.TIMEOUT, f"no complete answer within {seconds:.0f} s"
        except OutOfDescriptors:
            return None
        except Exception as error:  # noqa: BLE001 - any error ends this visit alone
            answer.reason, answer.detail = _explain(error, request.url)
        return self._result(request.url, answer, started_at, time.monotonic() - start)

    async def _exchange(self, request: FetchRequest, cap: _Cap, answer: _Answer, place: Place) -> None:
        origin, head = prepare(request)
        await place.take()
        place.lend_after(SLOW_SECONDS)
        response = await self._pool(request.allow_networks).exchange(origin, head, again=request.again)
        try:
            answer.status, answer.headers = response.status, response.headers
            if has_body(request, answer.status, answer.headers, any_type=cap.cut):
                answer.body = await _read(response, answer.headers, cap, place)
            elif answer.status in REDIRECTS:
                answer.location = redirect_target(answer.headers, request.url)
        finally:
            await response.aclose()

    def _result(self, url: str, answer: _Answer, started_at: float, elapsed: float) -> FetchResult:
        retry_after = None
        if answer.reason is not None and (value := first_header(answer.headers, "retry-after")):
            retry_after = parse_retry_after(value, started_at + elapsed, ceiling=self._max_retry_after)
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
            detail=one_line(answer.detail)[:DETAIL_LENGTH],
        )


def _complete_or_none(result: FetchResult) -> FetchResult:
    """For robots.txt, an answer that broke off or is unreadable counts as none (RFC 9309 section 2.3.1.4)."""
    if result.reason in {None, Reason.BAD_REDIRECT} or str(result.reason).startswith("http_"):
        return result
    return msgspec.structs.replace(result, status=None)


async def _read(response: Response, headers: _Headers, cap: _Cap, place: Place) -> bytes:
    """The decoded body."""
    named = ",".join([value for name, value in headers if name == "content-encoding"])
    codings, unknown = body.codings_of(named)
    codings += _transfer_codings(headers)
    length = first_header(headers, "content-length")
    if length.isdecimal() and int(length) > cap.size and not cap.cut:
        raise Failed(Reason.TOO_LARGE, f"{length} bytes announced")
    content = await _read_raw(response, cap, place)
    if codings:
        content = await _decode(content, codings, cap)
    if not cap.cut:
        _check(content, media_type(headers), unknown)
    return content


def _check(content: bytes, kind: str, unknown: str) -> None:
    """Refuse what nobody can read; the coding that we do not know is then why."""
    try:
        check_body(content, kind)
    except Failed as error:
        if unknown:
            raise Failed(Reason.DECODING, f"unknown content coding {unknown!r}") from error
        raise


def _transfer_codings(headers: _Headers) -> tuple[str, ...]:
    """Those besides ``chunked``: we ask for none, yet what is sent must not pass for content (RFC 9112 7)."""
    names = ",".join([value for name, value in headers if name == "transfer-encoding"])
    if names in {"", "chunked"}:
        return ()
    others = ",".join(name for name in names.split(",") if name.strip().lower() != "chunked")
    codings, unknown = body.codings_of(others)
    if unknown:
        raise Failed(Reason.DECODING, f"unknown transfer coding {unknown!r}")
    return codings


async def _read_raw(response: Response, cap: _Cap, place: Place) -> bytes:
    content = await response.read(min(FIRST_BYTES, cap.size))
    await place.take()
    if FIRST_BYTES < len(content) <= cap.size:
        content += await response.read(cap.size - len(content))
    if len(content) > cap.size and not cap.cut:
        raise Failed(Reason.TOO_LARGE, f"more than {cap.size} bytes")
    return content[: cap.size]


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
        return error.head  # cut by our own cap


def _explain(error: Exception, url: str) -> tuple[str, str]:
    """Reason and one line for people."""
    if isinstance(error, Failed):
        return error.reason, str(error)
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason, str(error) or type(error).__name__
    log.error("The fetch of %s failed for a reason of ours", url, exc_info=error)
    return Reason.INTERNAL_ERROR, f"{type(error).__name__}: {error}"
