"""What the parts of a session work on, as unsaved rows and plain values, and its loop without threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.models import Host
from crawler.lanes import Lane, rank_of
from crawler.outlinks import VisitKind
from crawler.policy import CrawlPolicy
from crawler.requests.exchange import FetchResult
from crawler.rules.retries import is_transient
from pipelines.fetch.contexts import LastVersion, RunContext
from pipelines.frontier.window import Due
from tests.factories import NOW, new_host

URGENT, NORMAL, BULK = (rank_of(lane, 5) for lane in Lane)
AGENT = "Crawlbeat/1"


def numbered_host(pk: int = 1, **values: object) -> Host:
    """A host with work of the normal lane; it is in no table."""
    return new_host(f"http://{pk}.test/", pk=pk, **({"rank": NORMAL} | values))


def run_context(run_id: int = 1, **policy: object) -> RunContext:
    """A run with this policy."""
    return RunContext(
        run_id=run_id,
        seed_id=run_id,
        policy=CrawlPolicy(start_urls=(), **policy),
        user_agent=AGENT,
        headers=(),
        header_origins=frozenset(),
        rule_set_id=None,
    )


def make_due(pk: int, rank: int = NORMAL, run_id: int = 1) -> Due:
    """A queued visit."""
    return Due(pk, run_id, f"http://1.test/{pk}", pk, 1, 0, 0, rank, VisitKind.PAGE)


def make_version(name: str = "v1") -> LastVersion:
    """The last version of a page."""
    return LastVersion(digest=name, etag=f'"{name}"', last_modified="")


def answer(status: int | None = 200, reason: str | None = None, **values: object) -> FetchResult:
    """What a fetch brought; by the status alone it is a page or a failure."""
    if reason is None and status is not None and status >= 400:
        reason = f"http_{status}"
    given = {"url": "http://1.test/", "started_at": NOW.timestamp()} | values
    return FetchResult(status=status, reason=reason, transient=is_transient(reason), **given)


@dataclass
class Call:
    """A call to the database that waits until the test lets it go."""

    work: Callable[[], Any]
    urgent: bool
    go: asyncio.Event


class DirectLoop:
    """Stands for a session's loop: what is for the database is called at once."""

    async def database(self, call: Callable[[], Any], *, urgent: bool = False) -> Any:
        return call()


class HoldingLoop:
    """Stands for a session's loop whose database answers when the test says so."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def database(self, work: Callable[[], Any], *, urgent: bool = False) -> Any:
        call = Call(work, urgent, asyncio.Event())
        self.calls.append(call)
        await call.go.wait()
        return work()
