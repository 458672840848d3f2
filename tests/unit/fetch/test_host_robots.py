"""robots.txt of a leased host: read once a day for all runs; while it is unreachable nothing is allowed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from catalog.models import Host
from crawler.outcomes import Reason
from crawler.requests.exchange import FetchResult
from crawler.rules.robots import Robots
from pipelines.fetch.robots import CACHE_SECONDS, RETRY_SECONDS, HostRobots
from tests.factories import NOW
from tests.harness.fake_time import on_fake_time, turns
from tests.unit.fetch.parts import numbered_host, run_context

AT = NOW.timestamp()
RULES = b"User-agent: *\nDisallow: /private\nCrawl-delay: 3\nSitemap: http://1.test/map.xml\n"
URL, PRIVATE = "http://1.test/page", "http://1.test/private/x"


class Fetching:
    """Stands for a session's loop: robots.txt answers in turn; rows are written nowhere."""

    def __init__(self, *answers: FetchResult) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.saved = 0
        self.fetcher = self

    async def fetch_robots(self, origin: str, user_agent: str, networks: tuple[str, ...]) -> FetchResult:
        self.asked.append(origin)
        await asyncio.sleep(0.1)
        return self.answers.pop(0)

    async def database(self, call: object) -> None:
        self.saved += 1


def robots_answer(status: int | None = 200, body: bytes = RULES, **values: object) -> FetchResult:
    """robots.txt as it was fetched in a second, ending at NOW."""
    return FetchResult(url="", status=status, body=body, started_at=AT - 1, elapsed=1, **values)


@pytest.fixture
def host() -> Host:
    return numbered_host()


@pytest.fixture
def heeded() -> list[float | None]:
    """The Crawl-delays that the host's pace was told."""
    return []


@pytest.fixture
def robots(host: Host, heeded: list[float | None]) -> HostRobots:
    return HostRobots(host, lambda rules: heeded.append(rules.crawl_delay("x")))


def refused(robots: HostRobots, url: str = URL, **policy: object) -> str | None:
    """The reason for which a run is refused a URL."""
    result = robots.refusal(run_context(**policy), url, AT)
    return None if result is None else result.reason


@on_fake_time
async def test_what_it_says_holds_for_a_day(host, robots, heeded):
    loop = Fetching(robots_answer())
    assert not robots.fresh(AT)
    await robots.refresh(loop, run_context(), AT)
    assert (refused(robots), refused(robots, PRIVATE)) == (None, Reason.ROBOTS)
    assert heeded == [3]
    assert robots.sitemaps == ("http://1.test/map.xml",)
    assert robots.fresh(AT + CACHE_SECONDS - 1)
    assert not robots.fresh(AT + CACHE_SECONDS)
    assert (host.robots_fetched_at, loop.saved) == (NOW, 1)


@on_fake_time
async def test_the_rule_that_forbids_a_page_is_named(robots):
    await robots.refresh(Fetching(robots_answer()), run_context(), AT)
    result = robots.refusal(run_context(), PRIVATE, AT)
    assert (result.detail, result.started_at, result.transient) == ("Disallow: /private (line 2)", AT, False)


@on_fake_time
async def test_who_does_not_obey_is_not_refused(robots):
    await robots.refresh(Fetching(robots_answer()), run_context(), AT)
    assert refused(robots, PRIVATE, obey_robots=False) is None


@on_fake_time
async def test_slots_that_come_together_read_it_once(robots, heeded):
    loop = Fetching(robots_answer())
    await asyncio.gather(*(robots.refresh(loop, run_context(), AT) for _ in range(5)))
    assert (len(loop.asked), heeded) == (1, [3])


@on_fake_time
async def test_the_sessions_of_a_day_read_it_once(host, robots):
    await robots.refresh(Fetching(robots_answer()), run_context(), AT)
    later, loop, delays = AT + CACHE_SECONDS - 1, Fetching(), []
    of_next_session = HostRobots(host, lambda rules: delays.append(rules.crawl_delay("x")))
    await of_next_session.refresh(loop, run_context(), later)
    assert not loop.asked
    assert refused(of_next_session, PRIVATE) == Reason.ROBOTS
    assert delays == [3]
    assert not of_next_session.fresh(later + 1)


@on_fake_time
async def test_while_a_robots_file_breaks_nothing_is_asked_and_it_is_soon_read_again(settings, robots):
    settings.TIME_SCALE = 0.5
    loop = Fetching(robots_answer(503, b""), robots_answer())
    await robots.refresh(loop, run_context(), AT)
    result = robots.refusal(run_context(), URL, AT)
    assert (result.reason, result.status, result.transient) == (Reason.ROBOTS_UNREACHABLE, 503, True)
    await robots.refresh(loop, run_context(), AT + RETRY_SECONDS / 2 - 1)
    assert len(loop.asked) == 1
    await robots.refresh(loop, run_context(), AT + RETRY_SECONDS / 2 + 1)
    assert len(loop.asked) == 2


@on_fake_time
async def test_a_host_that_does_not_answer_is_the_reason(robots):
    failure = robots_answer(None, b"", reason=Reason.TIMEOUT, detail="no complete answer within 30 s")
    await robots.refresh(Fetching(failure), run_context(), AT)
    result = robots.refusal(run_context(), URL, AT)
    assert (result.reason, result.transient) == (Reason.TIMEOUT, True)
    assert "no complete answer within 30 s" in result.detail


@on_fake_time
@pytest.mark.parametrize(
    ("reason", "detail"),
    [
        (Reason.TIMEOUT, "robots.txt could not be had: no name"),
        (Reason.DNS, "no name"),  # no file is to blame where no host is
    ],
)
async def test_the_next_session_knows_why_it_was_unreachable(host, robots, reason, detail):
    failure = robots_answer(None, b"", reason=reason, detail="no name")
    await robots.refresh(Fetching(failure), run_context(), AT)
    of_next_session = HostRobots(host, lambda rules: None)
    await of_next_session.refresh(Fetching(), run_context(), AT + 1)
    result = of_next_session.refusal(run_context(), URL, AT)
    assert (result.reason, result.detail, result.transient) == (reason, detail, True)


@on_fake_time
async def test_once_it_is_read_no_earlier_failure_is_kept(host, robots):
    loop = Fetching(robots_answer(None, b"", reason=Reason.DNS, detail="no name"), robots_answer())
    await robots.refresh(loop, run_context(), AT)
    await robots.refresh(loop, run_context(), AT + RETRY_SECONDS + 1)
    assert (host.robots_reason, host.robots_detail, refused(robots)) == ("", "", None)


@on_fake_time
async def test_no_robots_file_allows_everything(robots):
    await robots.refresh(Fetching(robots_answer(404, b"")), run_context(), AT)
    assert refused(robots, PRIVATE) is None
    assert robots.fresh(AT + CACHE_SECONDS - 1)


@on_fake_time
async def test_an_address_that_one_run_may_not_reach_says_nothing_about_the_host(host, robots, heeded):
    """The page itself is refused by the guard; the next run asks for itself."""
    loop = Fetching(robots_answer(None, b"", reason=Reason.BLOCKED_ADDRESS), robots_answer())
    await robots.refresh(loop, run_context(1), AT)
    assert refused(robots, PRIVATE) is None
    assert (host.robots_expires_at, loop.saved, heeded) == (None, 0, [])
    await robots.refresh(loop, run_context(2), AT)
    assert refused(robots, PRIVATE) == Reason.ROBOTS


@on_fake_time
async def test_stale_rules_are_read_again(host, robots):
    host.robots_body, host.robots_status = RULES.decode(), 200
    host.robots_expires_at = NOW - timedelta(seconds=1)
    loop = Fetching(robots_answer(body=b""))
    await robots.refresh(loop, run_context(), AT)
    await turns()
    assert refused(robots, PRIVATE) is None
    assert Robots.from_response(host.robots_status, host.robots_body).allowed(PRIVATE, "x")
