"""Finished fetches are collected in groups of one lane; each group becomes a batch with a segment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings

from catalog.models import Host
from crawler.lanes import Lane, lane_of
from crawler.outcomes import Reason
from crawler.outlinks import VisitKind
from crawler.requests.exchange import FetchResult
from crawler.requests.headers import ETAG_LENGTH, LAST_MODIFIED_LENGTH, validator
from crawler.requests.media_type import media_type
from crawler.rules.urls import MAX_LENGTH
from crawler.seed_requests import SeedRequest
from pipelines.archive import SegmentWriter, content_digest
from pipelines.fetch.contexts import LastVersion
from pipelines.fetch.host_window import HostWindow
from pipelines.frontier.window import Due
from pipelines.handover import Fetched

LINGER = {Lane.URGENT: 0.0, Lane.NORMAL: 0.5, Lane.BULK: 1.0}  # seconds a group waits to fill
GROUP_BYTES = 32_000_000  # of bodies: a group of huge pages leaves early


@dataclass
class Group:
    """Fetched visits of one lane with their segment, not yet handed over."""

    rank: int
    fetched: list[Fetched] = field(default_factory=list)
    segment: SegmentWriter = field(default_factory=SegmentWriter)
    bodies: list[bytes] = field(default_factory=list)  # in the segment; without any it is not kept
    body_bytes: int = 0  # of these
    held: list[tuple[HostWindow, int]] = field(default_factory=list)  # visit ids with their windows

    @property
    def full(self) -> bool:
        return len(self.fetched) >= settings.BATCH_PAGES or self.body_bytes >= GROUP_BYTES

    def keep(self, body: bytes) -> int:
        """Keep a body that is in the segment, for parse; returns its offset among them."""
        offset = self.body_bytes
        self.bodies.append(body)
        self.body_bytes += len(body)
        return offset

    def let_go(self) -> None:
        """The visits are handed over: remove them from the windows of their hosts."""
        for window, visit_id in self.held:
            window.let_go(visit_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a visit's fetch, and what was known of its page and its host."""

    result: FetchResult
    last: LastVersion | None = None
    sitemaps: tuple[str, ...] = ()  # named by the host's robots.txt, for a run that wants them
    cookies: bool = False  # whether there are cookies for it, if it is asked for again
    request: SeedRequest | None = None  # that the seed gives, if it was asked by another method than GET
    once: bool = False  # it must not be asked again


def host_down(host: Host, due: Due, status: int | None = None) -> FetchResult:
    """The result of a visit whose host is given up; ``status``: it was the last probe."""
    detail = f"{host.failures} URLs in a row of this host failed, the last with {host.last_reason}"
    return FetchResult(
        url=due.url, status=status, reason=Reason.HOST_DOWN, started_at=time.time(), detail=detail
    )


def same_text(due: Due) -> FetchResult:
    """The result of a visit whose template says nothing new: it is not asked."""
    return FetchResult(url=due.url, reason=Reason.SAME_TEXT, started_at=time.time())


def checked(result: FetchResult, last: LastVersion | None) -> FetchResult:
    """A 304 to a request without a condition is a bad response."""
    if result.status == 304 and last is None:
        return FetchResult(
            url=result.url,
            status=304,
            reason=Reason.BAD_RESPONSE,
            headers=result.headers,
            elapsed=result.elapsed,
            started_at=result.started_at,
            detail="304 Not Modified, though the request had no condition",
        )
    return result


Deliver = Callable[[Group], Coroutine[None, None, None]]


class Groups:
    """The open group of each lane. A full group leaves at once, others after their lane's linger."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._open: dict[Lane, Group] = {}
        self._timers: dict[Lane, asyncio.TimerHandle] = {}
        self._deliveries: set[asyncio.Task[None]] = set()

    def add(self, window: HostWindow, due: Due, answer: Answer) -> None:
        """Add one finished fetch of a visit that the window has in hand."""
        lane = lane_of(due.rank)
        group = self._open.get(lane)
        if group is None:
            group = self._open[lane] = Group(due.rank)
            loop = asyncio.get_running_loop()
            self._timers[lane] = loop.call_later(LINGER[lane], self.flush, lane)
        group.rank = min(group.rank, due.rank)
        group.fetched.append(_fetched(group, due, answer))
        group.held.append((window, due.id))
        if group.full:
            self.flush(lane)

    def flush(self, lane: Lane) -> None:
        """Deliver the lane's open group, if there is one."""
        group = self._open.pop(lane, None)
        if group is not None:
            self._timers.pop(lane).cancel()
            task = asyncio.create_task(self._deliver(group))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    async def drained(self) -> AsyncIterator[None]:
        """Deliver all groups; yields each time some are handed over, until all are."""
        for lane in list(self._open):
            self.flush(lane)
        while self._deliveries:
            await asyncio.wait(self._deliveries, return_when=asyncio.FIRST_COMPLETED)
            yield


def _fetched(group: Group, due: Due, answer: Answer) -> Fetched:
    """Write the body to the segment; returns what the next stage gets."""
    result, last = answer.result, answer.last
    headers = dict(reversed(result.headers))  # the first of each name
    page = result.reason is None and result.location is None
    digest = content_digest(result.body) if page and result.status != 304 else ""
    unchanged = page and last is not None and (result.status == 304 or digest == last.digest)
    fetched_at = datetime.fromtimestamp(result.started_at, UTC)
    offset = length = body_at = None
    if unchanged:
        group.segment.add_revisit(result, fetched_at, last.digest if last else "")
    elif page:
        offset, length = group.segment.add(result, fetched_at, digest)
        if answer.request is not None:
            group.segment.add_request(answer.request, result.url, fetched_at)
        body_at = group.keep(result.body)
    return Fetched(
        visit_id=due.id,
        run_id=due.run_id,
        url=due.url,
        depth=due.depth,
        hops=due.hops,
        attempts=due.attempts + 1,
        status=result.status,
        reason=result.reason,
        transient=result.transient,
        once=answer.once,
        location=result.location,
        elapsed_ms=round(result.elapsed * 1000),
        fetched_at=result.started_at,
        retry_after=result.retry_after,
        content_type=media_type(result.headers)[:100],
        etag=validator(headers.get("etag", ""), ETAG_LENGTH),
        last_modified=validator(headers.get("last-modified", ""), LAST_MODIFIED_LENGTH),
        x_robots_tag=_x_robots_tag(result) if "x-robots-tag" in headers else "",
        refresh=headers.get("refresh", "")[:MAX_LENGTH],
        digest=digest,
        unchanged=unchanged,
        read_again=last.read_again if unchanged and last else None,
        latest=last.latest if last else None,
        offset=offset,
        length=length,
        body_at=body_at,
        size=len(result.body),
        detail=result.detail[:300],
        kind=VisitKind(due.kind),
        sitemaps=answer.sitemaps,
        cookies=answer.cookies,
    )


def _x_robots_tag(result: FetchResult) -> str:
    """The lines of the header, which a response may have several times."""
    return "\n".join(value for name, value in result.headers if name == "x-robots-tag")[:1000]
