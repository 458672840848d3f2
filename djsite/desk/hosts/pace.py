"""The pace at which a host is asked, and what it is made of. Durations are seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from catalog.models import Host, Run, RunHost
from crawler.policy import CrawlPolicy
from crawler.rules import politeness
from crawler.rules.pace import Lessons, Pace, pace_of
from djsite.desk.hosts.words import robots_of, seconds

Policies = dict[int, list[CrawlPolicy]]
_PACE = ("delay", "per_host", "obey_robots", "user_agent")


def open_policies(host_ids: Collection[int]) -> Policies:
    """By host: what the policies of the open runs there say of politeness, each combination once."""
    columns = [f"run__policy_json__{name}" for name in _PACE]
    rows = (
        RunHost.objects.filter(host__in=host_ids, run__in=Run.objects.open())
        .values_list("host_id", *columns)
        .distinct()
        .order_by()
    )
    policies: Policies = defaultdict(list)
    for host_id, *values in rows:
        policies[host_id].append(_policy(dict(zip(_PACE, values, strict=True))))
    return dict(policies)


def _policy(values: dict[str, Any]) -> CrawlPolicy:
    present = {name: value for name, value in values.items() if value is not None}
    if "user_agent" in present:
        present["user_agent"] = str(present["user_agent"])
    return CrawlPolicy(start_urls=(), **present)


def pace_in_force(host: Host, policies: Collection[CrawlPolicy]) -> Pace:
    """The pace at which the next session asks the host: the session's own rule."""
    return pace_of(
        policies,
        robots_of(host),
        Lessons(host.slowdown, host.failures),
        user_agent=settings.USER_AGENT,
        max_crawl_delay=settings.MAX_CRAWL_DELAY,
    )


@dataclass(frozen=True)
class Part:
    """One part of a delay, with the reason for it."""

    name: str
    value: str
    why: str


def pace_parts(pace: Pace, policies: Collection[CrawlPolicy], host: Host) -> list[Part]:
    """What the delay in force is made of, in the order of the calculation."""
    return [
        Part("Seeds ask for", seconds(pace.run_delay), _asked(policies)),
        Part("Crawl-delay", _crawl_delay_value(pace), _crawl_delay(pace, policies, host)),
        Part("Slow-down", f"× {round(pace.slowdown, 2):g}", _slowdown(pace)),
        Part("In force", seconds(pace.delay), "from the end of an answer to the next request"),
        Part("Connections", str(pace.connections), _connections(pace, policies)),
    ]


def _asked(policies: Collection[CrawlPolicy]) -> str:
    different = {policy.delay for policy in policies}
    if len(different) > 1:
        return f"the longest of the open runs' delays ({', '.join(map(seconds, sorted(different)[:5]))})"
    return "the delay of the seeds with open runs here"


def _crawl_delay_value(pace: Pace) -> str:
    return "–" if pace.crawl_delay is None else seconds(pace.clamped_crawl_delay)


def _crawl_delay(pace: Pace, policies: Collection[CrawlPolicy], host: Host) -> str:
    if not any(policy.obey_robots for policy in policies):
        return "not looked at: no open run here obeys robots.txt"
    if host.robots_fetched_at is None:
        return "not known before robots.txt is read"
    if pace.crawl_delay is None:
        return "robots.txt asks for none"
    if pace.crawl_delay > pace.clamped_crawl_delay:
        return f"robots.txt asks for {seconds(pace.crawl_delay)}; no more than this is granted"
    if pace.clamped_crawl_delay < pace.run_delay:
        return "robots.txt asks for it; the seeds' delay is longer and counts"
    return "robots.txt asks for it; the longer of this and the seeds' delay counts"


def _slowdown(pace: Pace) -> str:
    if pace.slowdown <= 1:
        return "the host has not asked to slow down (429, 503)"
    longest = max(pace.run_delay, pace.clamped_crawl_delay)
    capped = pace.delay < max(longest, politeness.LEAST_DELAY) * pace.slowdown - 0.005
    limit = f"; slowing down stops at {seconds(politeness.MAX_SLOWED_DELAY)}" if capped else ""
    return f"after answers 429 or 503; every good answer eases it{limit}"


def _connections(pace: Pace, policies: Collection[CrawlPolicy]) -> str:
    if pace.probing:
        return "one at a time until it answers"
    return "the fewest that an open run allows" if len(policies) > 1 else "at the same time, as the seed says"
