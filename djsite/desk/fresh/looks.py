"""Looking at an address again only if nobody looked at it lately: one request to its host for all who ask.

Whoever asks first orders a recrawl in the urgent lane; who asks meanwhile joins it. Politeness, robots.txt
and retries are those of every recrawl, so no request comes early. A look that failed counts as one, too:
else a host in trouble would be asked again by each call.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from catalog.models import Page, Run, Seed, Visit
from crawler.outcomes import Outcome
from crawler.rules.keys import Keys
from crawler.seeds.checks import address
from djsite.desk.owners import owners_of
from djsite.desk.recrawls import recrawl_unless

WAITERS = 4  # calls of a process that wait at a time: each holds a thread
POLL_SECONDS = 0.2
RUNS = 20  # of a seed, that are looked through for a look that failed
_waiting = threading.BoundedSemaphore(WAITERS)


class Place(NamedTuple):
    """An address of a seed, and its page if there is one."""

    seed: Seed
    url: str  # as it is requested
    fingerprint: int
    page: Page | None


class Look(NamedTuple):
    """What came of looking at an address: when, how it ended, and why."""

    at: datetime
    outcome: str
    reason: str = ""
    location: str = ""  # where a redirect led


class NoOwner(Exception):
    """No seed has an address, or covers it."""


def place_of(url: str, seed: Seed | None = None) -> Place:
    """The place of an address: of a seed, or of the seed that looked at it last among those that have it.

    Raises:
        ValueError: it is no web address; with a sentence.
        NoOwner: no seed has or covers it.
    """
    ((_, owners),) = owners_of([address(url)], seed)
    places = [_place(owner, address(url)) for owner in owners]
    if not places:
        raise NoOwner
    return max(places, key=lambda place: (place.page is not None, place.page and place.page.last_fetched_at))


def _place(seed: Seed, url: str) -> Place:
    fingerprint = Keys.of(seed.policy()).link(url).fingerprint
    page = Page.objects.filter(seed=seed, fingerprint=fingerprint).select_related("latest").first()
    if page is not None and page.latest is not None:
        url = page.latest.final_url
    return Place(seed, url, fingerprint, page)


def last_look(place: Place) -> Look | None:
    """The last look at a place that has ended; None if there is none that is still known."""
    looks = [look for look in (_stored(place), _failed(place)) if look is not None]
    return max(looks, default=None, key=lambda look: look.at)


def _stored(place: Place) -> Look | None:
    page = Page.objects.filter(seed=place.seed, fingerprint=place.fingerprint).first()
    return Look(page.last_fetched_at, "got") if page else None


def _failed(place: Place) -> Look | None:
    """The last look that got no page; those of earlier runs are of no account."""
    runs = Run.objects.filter(seed=place.seed).order_by("-pk").values_list("pk", flat=True)[:RUNS]
    ends = Visit.objects.filter(
        run__in=list(runs), fingerprint=place.fingerprint, state=Visit.State.DONE
    ).exclude(outcome__in=[Outcome.STORED, Outcome.UNCHANGED])
    visit = ends.select_related("run").order_by("-pk").first()
    if visit is None:
        return None
    at = visit.fetched_at or visit.run.finished_at or visit.run.created_at
    return Look(at, Outcome(visit.outcome or 0).label, visit.reason or "", visit.location)


def under_way(place: Place) -> Run | None:
    """The recrawl that looks at a place now, if there is one."""
    runs = Run.objects.live().filter(seed=place.seed, kind=Run.Kind.RECRAWL)
    visits = Visit.objects.filter(run__in=list(runs.values_list("pk", flat=True)))
    asking = visits.filter(fingerprint=place.fingerprint).exclude(state=Visit.State.DONE)
    visit = asking.select_related("run").order_by("pk").first()
    return visit.run if visit else None


def look_again(place: Place, since: datetime, now: datetime) -> Run | None:
    """Have a place looked at, or join who does; None if somebody has looked since ``since`` meanwhile."""
    if run := under_way(place):
        return run
    joined: list[Run] = []  # by who comes first after all

    def is_needless() -> bool:
        if other := under_way(place):
            joined.append(other)
        return bool(joined) or is_young(last_look(place), since)

    ordered = recrawl_unless(place.seed, place.url, now, is_needless)
    return ordered.run if ordered else next(iter(joined), None)


def is_young(look: Look | None, since: datetime) -> bool:
    """Whether a look is not older than that."""
    return look is not None and look.at >= since


def wait_until(ended: Callable[[], bool], seconds: float) -> bool:
    """Wait until something has ended, at most so long; at once over if too many calls wait already."""
    if not _waiting.acquire(blocking=False):
        return ended()
    deadline = time.monotonic() + seconds
    try:
        while not ended():
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
    finally:
        _waiting.release()
    return True
