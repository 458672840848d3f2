"""The state of the whole system: for ``crawlbeat status``, ``/health/`` and people. Only reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min

from catalog.models import Batch, Heartbeat, Host, Run, Seed
from crawler.lanes import Lane, ranks_of
from scheduler.clock.reconcile import HEART as RECONCILE
from scheduler.process import heartbeats
from scheduler.queues import CONTROL, QUEUE_NAMES, Stage, depths, queue_name
from scheduler.redis_server import AWAY
from scheduler.watch import alerts


def report(now: datetime) -> dict[str, Any]:
    """Everything as plain data (times as RFC 3339 text); ``problems`` holds a sentence for each problem."""
    depth = _depths()
    hearts_now = list(Heartbeat.objects.all())
    unfinished = Run.objects.filter(finished_at=None).order_by().values_list("state")
    state: dict[str, Any] = {
        "now": now.isoformat(),
        "redis": depth is not None,
        "beat": next((_heart(heart, now) for heart in hearts_now if heart.name == heartbeats.BEAT), None),
        "workers": [_heart(heart, now) for heart in hearts_now if "@" in heart.name],
        "lanes": [_lane(lane, depth or {}, now) for lane in Lane],
        "control": (depth or {}).get(CONTROL),
        "runs": dict(unfinished.annotate(Count("pk"))),
        "batches": Batch.objects.exclude(state=Batch.State.STORED).count(),
    }
    state["seeds"] = [_alert(alert) for alert in alerts.alerts()]
    problems = [*_process_problems(state), *_work_problems(hearts_now, now), *_seed_problems(state["seeds"])]
    state["problems"] = problems
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
        "alive": age <= heartbeats.lost_after(),
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


def _alert(alert: alerts.Alert) -> dict[str, Any]:
    return {
        "id": alert.seed.pk,
        "name": alert.seed.name,
        "what": alert.what,
        "run": alert.run.pk,
        "slot": alert.run.slot.isoformat(),
    }


def _seed_problems(seeds: list[dict[str, Any]]) -> list[str]:
    missed = sum(seed["what"] == alerts.MISSED for seed in seeds)
    counted = [
        (missed, "seeds missed their latest slot."),
        (len(seeds) - missed, "seeds got nothing in their last runs."),
    ]
    return [f"{number} {sentence}" for number, sentence in counted if number]


def _process_problems(state: dict[str, Any]) -> list[str]:
    problems = []
    if not state["redis"]:
        problems.append("Redis does not answer: nothing new begins until it is back.")
    beat = state["beat"]
    if beat is None:
        problems.append("Beat has never given a sign of life: schedules are not watched.")
    elif not beat["alive"]:
        problems.append(
            f"Beat gave no sign of life for {beat['age_seconds']:.0f} s: schedules are not watched."
        )
    if not any(worker["alive"] for worker in state["workers"]):
        problems.append("No worker gives a sign of life.")
    problems += [
        f"Worker {worker['name']} gave no sign of life for {worker['age_seconds']:.0f} s."
        for worker in state["workers"]
        if not worker["alive"]
    ]
    return problems


def _work_problems(hearts_now: list[Heartbeat], now: datetime) -> list[str]:
    late = now - timedelta(seconds=4 * settings.BEAT_LOOP_SECONDS)
    overdue = Seed.objects.scheduled().filter(next_slot__lt=late).count()
    lost = Seed.objects.scheduled().filter(next_slot=None).count()
    stuck = Batch.objects.exclude(state=Batch.State.STORED).filter(due_at__lt=late).count()
    broken = [key for heart in hearts_now if heart.name == RECONCILE for key in heart.info.get("broken", [])]
    counted = [
        (overdue, "seeds are overdue: their slot has come and was not opened."),
        (lost, "seeds never come due: look at their schedules."),
        (stuck, "batches are overdue on their way through parse and store."),
        (len(broken), "malformed clock entries were removed in the last hour."),
    ]
    return [f"{number} {sentence}" for number, sentence in counted if number]
