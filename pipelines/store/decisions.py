"""How a fetched and parsed visit goes on: pure decisions, nothing is written."""

from __future__ import annotations

import msgspec
from django.conf import settings

from crawler.outcomes import Outcome, Reason, http_reason
from crawler.outlinks import VisitKind
from crawler.rules.keys import Keys
from crawler.rules.retries import is_transient, retry_delay
from pipelines.handover import Fetched, Parsed

MAX_HOPS = 10
SAME = frozenset((Reason.MARKUP_ONLY, Reason.NOISE_ONLY, Reason.SAME_VALUES))  # other bytes, no new version
COOKIE_HOPS = 3  # redirects after which nobody who sets cookies is asked for the same again
SKIPPED = frozenset(
    (Reason.ROBOTS, Reason.NOINDEX, Reason.STOPPED, Reason.MAX_DURATION, Reason.CONTENT_TYPE, Reason.SITEMAP)
    + (Reason.SAME_TEXT, Reason.LEFT_OUT)
)  # we or the site chose not to take the page; every other reason is a failure
NOT_THERE = frozenset(map(http_reason, (404, 410)))
"""Reasons that say there is no such page (RFC 9110, 15.5.5 and 15.5.11); no other does."""


class Decision(msgspec.Struct, frozen=True):
    """How a visit goes on: an outcome, another try in ``retry_in`` seconds, or the same at another URL."""

    outcome: Outcome | None = None
    reason: str | None = None
    detail: str = ""  # of the reason, if parse gave it: one line for people
    retry_in: float | None = None
    moved_to: str | None = None


def decide(fetched: Fetched, parsed: Parsed | None, *, may_retry: bool, keys: Keys) -> Decision:
    """The decision on one visit, from its fetch and, where there was a body, its parse.

    ``parsed`` is None for a fetch without a new body. ``may_retry`` is False once the run is ending.
    ``keys`` are the seed's.
    """
    if fetched.reason is not None:
        return _refused(fetched, fetched.reason, may_retry)
    if fetched.location is not None:
        moved = _moves(fetched, fetched.location, keys)
        return _redirect(fetched, fetched.location, moves=moved and may_retry)
    if fetched.unchanged:
        return Decision(Outcome.UNCHANGED)
    if parsed is None:
        return Decision(Outcome.FAILED, Reason.INTERNAL_ERROR)
    if parsed.reason is not None:
        return Decision(outcome_of(parsed.reason), parsed.reason, parsed.detail)
    if fetched.kind == VisitKind.SITEMAP:
        return Decision(Outcome.SKIPPED, Reason.SITEMAP)
    return Decision(Outcome.STORED)


def outcome_of(reason: str) -> Outcome:
    """Whether a reason means unchanged, skipped or failed."""
    if reason in SAME:
        return Outcome.UNCHANGED
    return Outcome.SKIPPED if reason in SKIPPED else Outcome.FAILED


def _refused(fetched: Fetched, reason: str, may_retry: bool) -> Decision:
    if may_retry and is_transient(reason) and not fetched.once:
        wait = retry_delay(
            reason, fetched.attempts, retry_after=fetched.retry_after, scale=settings.TIME_SCALE
        )
        if wait is not None:
            return Decision(reason=reason, retry_in=wait)
    return Decision(outcome_of(reason), reason)


def _moves(fetched: Fetched, location: str, keys: Keys) -> bool:
    """Whether a redirect leads to another URL of the same resource, for example without tracking parameters.

    Both URLs have one key and so one visit: this visit goes on at the other URL.
    """
    return keys.canonical(location) == keys.canonical(fetched.url)


def asks_for_cookies(fetched: Fetched) -> bool:
    """Whether a redirect may lead back here because the server wants to see the cookies that it has set."""
    return fetched.cookies and fetched.hops < COOKIE_HOPS


def _redirect(fetched: Fetched, location: str, *, moves: bool) -> Decision:
    if fetched.hops >= MAX_HOPS:
        return Decision(Outcome.FAILED, Reason.TOO_MANY_REDIRECTS)
    if location == fetched.url and not asks_for_cookies(fetched):
        return Decision(Outcome.FAILED, Reason.REDIRECT_LOOP)
    return Decision(moved_to=location) if moves else Decision(Outcome.REDIRECTED)
