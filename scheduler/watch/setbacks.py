"""Setbacks: last runs of seeds that got nothing, or failed where it matters; the next may mend it.

Those in trouble (:mod:`scheduler.watch.troubles`) are among them; who tells both leaves these
out. Only reads.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q

from catalog.models import KnownFailure, Run, Seed, Visit
from crawler.outcomes import Outcome

RECENT_RUNS = 200  # how far back to look
MUCH, SHARE = 10, 10  # failures are a setback from this number on, if they are one visit in SHARE
FEW_FAILURES = 1000  # failures that are searched for a start URL, at most


def setbacks(without: Collection[int] = ()) -> list[Run]:
    """Of the latest runs those that are a setback (docs/site.md), newest first: each the last of its seed.

    ``without``: seeds that are left out. Crawls of the command line told their person how they went.
    """
    latest = Run.objects.without_second_looks().order_by("-id").values("pk")[:RECENT_RUNS]
    later = Run.objects.ended().filter(seed=OuterRef("seed"), pk__gt=OuterRef("pk"))
    runs = Run.objects.ended().filter(~Exists(later), _failed_where_it_matters(), pk__in=latest)
    runs = runs.filter(seed__deleted_at=None, seed__origin=Seed.Origin.SITE).exclude(seed__in=without)
    return list(runs.select_related("seed").order_by("-id"))


def _failed_where_it_matters() -> Q:
    """Runs that were missed, got nothing, had many failures, or failed at a URL that people wrote (depth 0).

    A few pages that are gone are none: links break all the time. Known failures do not count.
    """
    known = KnownFailure.objects.in_force().filter(
        seed=OuterRef("run__seed"), fingerprint=OuterRef("fingerprint")
    )
    written = Visit.objects.filter(
        ~Exists(known), run=OuterRef("pk"), state=Visit.State.DONE, outcome=Outcome.FAILED, depth=0
    )
    unknown = F("failed") - F("known_failures")
    many_failed = Q(failed__gte=F("known_failures") + MUCH, discovered__lte=unknown * SHARE)
    # only few failures are searched: among many, a failed start URL is no news
    start_url_failed = Q(Exists(written), failed__gt=F("known_failures"), failed__lt=FEW_FAILURES)
    return Q(state=Run.State.MISSED) | Run.GOT_NOTHING | many_failed | start_url_failed
