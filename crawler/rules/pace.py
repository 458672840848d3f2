"""The pace at which a host is asked, and its causes: one rule for sessions and for the site's pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from crawler.policy import CrawlPolicy
from crawler.rules.breaker import is_probing
from crawler.rules.politeness import host_delay
from crawler.rules.robots import Robots


@dataclass(frozen=True, slots=True)
class Pace:
    """How a host is asked: ``delay`` seconds from an answer to the next request, on so many connections.

    The other values say why.
    """

    delay: float
    connections: int
    run_delay: float  # the largest delay of the open runs
    crawl_delay: float | None  # what robots.txt asks of the runs that obey it; None: nothing
    clamped_crawl_delay: float  # as much of it as is obeyed
    slowdown: float
    probing: bool  # the breaker allows one connection only


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the host's answers taught us: the factor on its delay, and its transient failures in a row."""

    slowdown: float = 1.0
    failures: int = 0


def pace_of(
    policies: Collection[CrawlPolicy],
    robots: Robots | None,
    lessons: Lessons,
    *,
    user_agent: str,
    max_crawl_delay: float,
) -> Pace:
    """The pace of a host with open runs of these policies: the largest delay, the fewest connections.

    ``user_agent`` is that of policies that name none; ``robots`` None means not read yet.
    """
    agents = {policy.user_agent or user_agent for policy in policies if policy.obey_robots}
    crawl_delays = [robots.crawl_delay(agent) for agent in agents] if robots else []
    crawl_delay = max((delay for delay in crawl_delays if delay is not None), default=None)
    delays = [policy.delay for policy in policies]
    probing = is_probing(lessons.failures)
    return Pace(
        delay=host_delay(delays, crawl_delay, lessons.slowdown, max_crawl_delay=max_crawl_delay),
        connections=1 if probing else min((policy.per_host for policy in policies), default=1),
        run_delay=max(delays, default=0.0),
        crawl_delay=crawl_delay,
        clamped_crawl_delay=min(crawl_delay or 0.0, max_crawl_delay),
        slowdown=lessons.slowdown,
        probing=probing,
    )
