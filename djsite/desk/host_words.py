"""A host's state, breaker, robots.txt and pace as words for people. Pure; durations are seconds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Host
from crawler.policy import CrawlPolicy
from crawler.rules import politeness
from crawler.rules.pace import Pace
from crawler.rules.robots import Robots
from djsite.desk.words import span


@dataclass(frozen=True)
class Said:
    """A few words, a tone for their dot or tag (good, warn, bad, run or none), and a sentence."""

    label: str
    tone: str = ""
    sentence: str = ""


def state(host: Host, now: datetime) -> Said:
    """Who may ask a host now: nobody (breaker), a session, the next session, or nobody has a reason to."""
    if host.open_until and host.open_until > now:
        return Said("breaker open", "bad")
    if leased(host, now):
        return Said("leased", "run")
    if host.due_at:
        return Said("waiting", "warn" if politeness.is_probing(host.failures) else "")
    return Said("free")


def leased(host: Host, now: datetime) -> bool:
    """Whether a session holds the host."""
    return bool(host.lease_owner and host.lease_until and host.lease_until > now)


def breaker(host: Host, now: datetime) -> Said:
    """The breaker's state and what follows from it; ``open_until`` is for the page to show."""
    failures = f"{host.failures} failure{'s' if host.failures != 1 else ''} in a row"
    if host.open_until and host.open_until > now:
        return Said("open", "bad", f"Nothing is asked after {failures}; then one request is a probe.")
    if politeness.is_probing(host.failures):
        return Said(
            "half open",
            "warn",
            f"After {failures} the next request is a probe: an answer closes the breaker, a failure opens it"
            " for twice as long.",
        )
    if host.failures:
        return Said("closed", "good", f"{failures}; it opens after {politeness.BREAKER_THRESHOLD}.")
    return Said("closed", "good", f"It opens after {politeness.BREAKER_THRESHOLD} failures in a row.")


def robots_of(host: Host) -> Robots | None:
    """The rules that the host's row keeps, as a session reads them; None when never asked for."""
    if host.robots_fetched_at is None:
        return None
    return Robots.from_response(host.robots_status, host.robots_body.encode("latin-1"))


def robots(host: Host) -> Said:
    """What came of asking for robots.txt, and what follows (RFC 9309 section 2.3.1)."""
    status = host.robots_status
    if host.robots_fetched_at is None:
        return Said("not read", "", "It is asked for before the first request of a run that obeys it.")
    if status is None:
        return Said("no answer", "bad", "Until it can be read, nothing may be asked.")
    if Robots.from_response(status, b"").unreachable:
        return Said(f"unreachable, {status}", "bad", "Until it can be read, nothing may be asked.")
    if 200 <= status < 300:
        return Said(f"read, {status}", "good", "The rules below.")
    if status < 400:
        return Said(
            f"endless redirects, {status}", "warn", "Its redirects do not end: everything is allowed."
        )
    return Said(f"none, {status}", "good", "The site has no robots.txt for us: everything is allowed.")


def seconds(value: float) -> str:
    """A delay: ``0.25 s``, ``1 s``, ``2 min``."""
    return span(value) if value >= 60 else f"{round(value, 2):g} s"


@dataclass(frozen=True)
class Part:
    """One thing that a delay is made of."""

    name: str
    value: str
    why: str


def pace_parts(pace: Pace, policies: Collection[CrawlPolicy], host: Host) -> list[Part]:
    """What the delay in force is made of, in the order in which it is reckoned."""
    return [
        Part("Seeds ask for", seconds(pace.asked), _asked(policies)),
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
    return "–" if pace.crawl_delay is None else seconds(pace.granted)


def _crawl_delay(pace: Pace, policies: Collection[CrawlPolicy], host: Host) -> str:
    if not any(policy.obey_robots for policy in policies):
        return "not looked at: no open run here obeys robots.txt"
    if host.robots_fetched_at is None:
        return "not known before robots.txt is read"
    if pace.crawl_delay is None:
        return "robots.txt asks for none"
    if pace.crawl_delay > pace.granted:
        return f"robots.txt asks for {seconds(pace.crawl_delay)}; no more than this is granted"
    if pace.granted < pace.asked:
        return "robots.txt asks for it; the seeds' delay is longer and counts"
    return "robots.txt asks for it; the longer of this and the seeds' delay counts"


def _slowdown(pace: Pace) -> str:
    if pace.slowdown <= 1:
        return "the host has not asked to slow down (429, 503)"
    longest = max(pace.asked, pace.granted)
    capped = pace.delay < max(longest, politeness.LEAST_DELAY) * pace.slowdown - 0.005
    limit = f"; slowing down stops at {seconds(politeness.MAX_SLOWED_DELAY)}" if capped else ""
    return f"after answers 429 or 503; every good answer eases it{limit}"


def _connections(pace: Pace, policies: Collection[CrawlPolicy]) -> str:
    if pace.probing:
        return "one at a time until the breaker is closed"
    return "the fewest that an open run allows" if len(policies) > 1 else "at the same time, as the seed says"
