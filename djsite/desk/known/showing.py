"""Which failures of a seed, a run or a page are known."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, QuerySet

from catalog.models import KnownFailure, Run, Visit
from catalog.models.decided.known_failure import KnownFailureQuerySet
from crawler.outcomes import Outcome


def known_of_seed(seed_id: int) -> KnownFailureQuerySet:
    """Those in force and those that are over, the newest first, with the people."""
    known = KnownFailure.objects.filter(seed=seed_id)
    return known.select_related("person", "ended_by").order_by("-id")


def known_among(seed_id: int, visits: Iterable[Visit]) -> dict[int, KnownFailure]:
    """By visit, the known failure that it is."""
    failed = {visit.fingerprint: visit for visit in visits if visit.outcome == Outcome.FAILED}
    if not failed:
        return {}
    known = known_of_seed(seed_id).in_force().filter(fingerprint__in=failed)
    rows = {each.fingerprint: each for each in known}
    return {
        visit.pk: rows[fingerprint]
        for fingerprint, visit in failed.items()
        if fingerprint in rows and rows[fingerprint].reason == visit.reason
    }


def known_by_reason(run: Run) -> dict[str, int]:
    """How many failures of an ended run are known, by reason."""
    if not run.known_failures:
        return {}
    rows = _known_visits(run).values_list("reason").annotate(count=Count("pk")).order_by()
    return {reason or "": count for reason, count in rows}


def _known_visits(run: Run) -> QuerySet[Visit]:
    known = KnownFailure.objects.in_force().filter(
        seed=run.seed_id, fingerprint=OuterRef("fingerprint"), reason=OuterRef("reason")
    )
    visits = Visit.objects.filter(run=run.pk, state=Visit.State.DONE, outcome=Outcome.FAILED)
    return visits.filter(Exists(known))
