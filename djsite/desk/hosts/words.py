"""A host's state, breaker and robots.txt as words for people. Pure; durations are seconds."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Host
from crawler.rules.breaker import APART, BREAKER_THRESHOLD, is_probing
from crawler.rules.robots import Robots
from djsite.desk.words import StateWords, reason_words, span


def state(host: Host, now: datetime) -> StateWords:
    """Who may ask a host now: nobody (breaker), a session, the next session; or no work is due."""
    if host.open_until and host.open_until > now:
        return StateWords("left alone", "bad")
    if leased(host, now):
        return StateWords("being asked", "run")
    if host.due_at:
        return StateWords("waiting", "warn" if is_probing(host.failures) else "")
    return StateWords("free")


def leased(host: Host, now: datetime) -> bool:
    """Whether a session holds the host."""
    return bool(host.lease_owner and host.lease_until and host.lease_until > now)


def breaker(host: Host, now: datetime) -> StateWords:
    """The breaker's state and what follows from it; ``open_until`` is for the page to show."""
    failures = f"{host.failures} failure{'s' if host.failures != 1 else ''} in a row"
    if host.open_until and host.open_until > now:
        return StateWords("left alone", "bad", f"Nothing is asked after {failures}; then one request tries.")
    if is_probing(host.failures):
        return StateWords(
            "being tried",
            "warn",
            f"After {failures} the next request tries whether it answers; if not, it is left alone for twice"
            " as long.",
        )
    if host.failures:
        return StateWords(
            "yes", "good", f"{failures}; it is left alone after {BREAKER_THRESHOLD}.{_apart(host)}"
        )
    would = f"After {BREAKER_THRESHOLD} failures in a row it would be left alone for a while."
    return StateWords("yes", "good", f"{would}{_apart(host)}")


def _apart(host: Host) -> str:
    """Which of its sections fail while others answer."""
    sections = sorted(name for name, failures in host.failing.items() if failures == APART)
    return f" Asked last, for they fail while others answer: {', '.join(sections)}." if sections else ""


def robots_of(host: Host) -> Robots | None:
    """The rules that the host's row keeps, as a session reads them; None when never asked for."""
    if host.robots_fetched_at is None:
        return None
    return Robots.from_response(host.robots_status, host.robots_body.encode("latin-1"))


def robots(host: Host) -> StateWords:
    """The result of the request for robots.txt, and what follows from it (RFC 9309 section 2.3.1)."""
    status = host.robots_status
    if host.robots_fetched_at is None:
        return StateWords("not read", "", "It is asked for before the first request of a run that obeys it.")
    if status is None:
        why = f"{reason_words(host.robots_reason).capitalize()}. " if host.robots_reason else ""
        return StateWords("no answer", "bad", f"{why}Until it can be read, nothing may be asked.")
    if Robots.from_response(status, b"").unreachable:
        return StateWords(f"unreachable, {status}", "bad", "Until it can be read, nothing may be asked.")
    if 200 <= status < 300:
        return StateWords(f"read, {status}", "good", "The rules below.")
    if status < 400:
        return StateWords(
            f"endless redirects, {status}", "warn", "Its redirects do not end: everything is allowed."
        )
    return StateWords(f"none, {status}", "good", "The site has no robots.txt for us: everything is allowed.")


def seconds(value: float) -> str:
    """A delay: ``0.25 s``, ``1 s``, ``2 min``."""
    return span(value) if value >= 60 else f"{round(value, 2):g} s"
