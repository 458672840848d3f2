"""The state of the whole system: for ``crawlbeat status``, ``/health/`` and people. Only reads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Count, Min

from catalog.models import Batch, Coverage, Heartbeat, Host, Page, Run
from crawler.lanes import Lane, ranks_of
from scheduler import checks
from scheduler.checks.findings import CheckOptions, Level
from scheduler.checks.summary import in_short
from scheduler.process import heartbeats
from scheduler.queues import CONTROL, QUEUE_NAMES, Stage, depths, queue_name
from scheduler.redis_server import AWAY
from scheduler.watch import troubles


def report(options: CheckOptions) -> dict[str, Any]:
    """Everything as plain data (times as RFC 3339 text); ``problems`` holds a sentence for each problem.

    ``findings`` holds the same and the notes, with names and advice (:mod:`scheduler.checks`); ``summary`` is
    one sentence about all of them.
    """
    depth, now = _depths(), options.now
    beat = options.hearts.get(heartbeats.BEAT)
    unfinished = Run.objects.filter(finished_at=None).order_by().values_list("state")
    state: dict[str, Any] = {
        "now": now.isoformat(),
        "redis": depth is not None,
        "beat": _heart(beat, now) if beat else None,
        "workers": [_heart(heart, now) for heart in options.workers],
        "lanes": [_lane(lane, depth or {}, now) for lane in Lane],
        "control": (depth or {}).get(CONTROL),
        "runs": dict(unfinished.annotate(Count("pk"))),
        "batches": Batch.objects.exclude(state=Batch.State.STORED).count(),
    }
    state["seeds"] = [_trouble(trouble) for trouble in options.troubles]
    findings = checks.findings(options)
    state["problems"] = [finding.told for finding in findings if finding.level == Level.PROBLEM]
    state["findings"] = [asdict(finding) for finding in findings]
    state["summary"] = in_short(findings)
    return state


def _depths() -> dict[str, int] | None:
    try:
        return depths(QUEUE_NAMES)
    except AWAY:
        return None


def _heart(heart: Heartbeat, now: datetime) -> dict[str, Any]:
    age = now - heart.seen_at
    return {
        "name": heart.name,
        "since": heart.started_at.isoformat(),
        "age_seconds": round(age.total_seconds(), 1),
        "alive": heartbeats.is_alive(heart, now),
        **heart.info,
    }


def _lane(lane: Lane, depth: dict[str, int], now: datetime) -> dict[str, Any]:
    """A lane's queues, and its hosts with due work: how many, and since when the oldest waits."""
    ranks = ranks_of(lane)
    due = Host.objects.filter(rank__range=(ranks[0], ranks[-1]), due_at__lte=now)
    waiting = due.aggregate(hosts=Count("pk"), oldest=Min("due_at"))
    return {
        "lane": lane.label,
        **{str(stage): depth.get(queue_name(stage, lane)) for stage in Stage},
        "due_hosts": waiting["hosts"],
        "oldest_due": waiting["oldest"].isoformat() if waiting["oldest"] else None,
    }


def _trouble(trouble: troubles.Trouble) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": trouble.seed.pk,
        "name": trouble.seed.name,
        "what": trouble.what,
        "run": trouble.run.pk,
        "slot": trouble.run.slot.isoformat(),
    }
    if trouble.fall is not None:
        told["falls"] = [each for row in trouble.fall.rows for each in _falls(row)]
    return told


def _falls(row: Coverage) -> list[dict[str, Any]]:
    """What fell in a collection: each field, or with an empty name the collection as a whole."""
    pages = dict(Page.objects.filter(pk__in=row.example_pages).values_list("pk", "url"))
    return [
        {
            "collection": row.collection,
            "field": name,
            "since": fall["since"],
            "pages": [pages[pk] for pk in fall["pages"] if pk in pages],
        }
        for name, fall in row.falls.items()
    ]
