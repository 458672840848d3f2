"""Visits that ended as redirects and are asked again, because their run has cookies now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from catalog.models import Run, Visit
from catalog.sql.bulk import update_each
from crawler.outcomes import Outcome
from pipelines.frontier import hosts
from pipelines.frontier.candidates import Candidate

_CHANGED = ["state", "outcome", "reason", "location", "url", "hops", "due_at"]


def ask_again(run: Run, targets: Mapping[int, Candidate], now: datetime) -> set[int]:
    """Queue those of these targets (by fingerprint) that the run has visited as redirects only.

    Returns their hosts. The run must be locked; its counter is lowered on the object.
    """
    redirected = Visit.objects.filter(run=run, state=Visit.State.DONE, outcome=Outcome.REDIRECTED)
    visits = list(redirected.filter(fingerprint__in=list(targets)))
    for visit in visits:
        target = targets[visit.fingerprint]
        visit.state = Visit.State.HELD if run.state == Run.State.PAUSED else Visit.State.QUEUED
        visit.outcome, visit.reason, visit.location = None, None, ""
        visit.url, visit.hops, visit.due_at = target.outlink.url, target.hops, now
    update_each(visits, _CHANGED)
    run.redirected -= len(visits)
    host_ids = {visit.host_id for visit in visits if visit.state == Visit.State.QUEUED}
    hosts.offer({(run.rank, now): host_ids})
    return host_ids
