"""For monitors: the measures of ``/metrics`` and their text form, Prometheus 0.0.4. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Min, Sum

from catalog.models import Batch, Heartbeat, Host, Run, Seed
from crawler.lanes import Lane, ranks_of
from scheduler.checks import problems
from scheduler.checks.findings import CheckOptions
from scheduler.process import heartbeats
from scheduler.queues import HELD_SINCE, QUEUE_NAMES, depths
from scheduler.redis_server import AWAY, BROKER, client
from scheduler.watch import counters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATELY = timedelta(hours=1)


@dataclass(frozen=True)
class Measure:
    """One metric with its samples: a value for each combination of labels."""

    name: str
    help: str
    samples: list[tuple[dict[str, str], float]] = field(default_factory=list)
    kind: str = "gauge"


def exposition(measures: Iterable[Measure]) -> str:
    """The text that a scraper reads."""
    lines: list[str] = []
    for measure in measures:
        name = f"crawlbeat_{measure.name}"
        lines += [f"# HELP {name} {measure.help}", f"# TYPE {name} {measure.kind}"]
        lines += [f"{name}{_labels(labels)} {value:.15g}" for labels, value in measure.samples]
    return "\n".join(lines) + "\n"


def plain(measures: Iterable[Measure]) -> dict[str, Any]:
    """The same as plain data: a number, or numbers by the values of the labels."""
    return {
        measure.name: {" ".join(labels.values()): value for labels, value in measure.samples}
        if any(labels for labels, _ in measure.samples)
        else sum(value for _, value in measure.samples)
        for measure in measures
    }


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    quoted = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{','.join(quoted)}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def collect(now: datetime) -> Iterator[Measure]:
    """Every measure. Raises ``django.db.DatabaseError``; those of Redis are left out while it is away."""
    yield _single("info", "Always 1; the version is a label.", 1, version=settings.VERSION)
    yield from _of_redis()
    yield from _of_lanes(now)
    yield from _of_batches(now)
    yield from _of_schedules(now)
    yield from _of_processes(now)
    yield from _of_checks(now)


def _single(name: str, text: str, value: float, kind: str = "gauge", **labels: str) -> Measure:
    return Measure(name, text, [(labels, value)], kind)


def _by(name: str, text: str, label: str, values: Iterable[tuple[Any, float]]) -> Measure:
    return Measure(name, text, [({label: str(key)}, value) for key, value in values])


def _of_redis() -> Iterator[Measure]:
    try:
        waiting = depths(QUEUE_NAMES)
        held_messages = int(client(BROKER).zcard(HELD_SINCE))
        visits, expiries = counters.visits(), counters.expiries()
    except AWAY:
        yield _single("redis_up", "Whether Redis answers.", 0)
        return
    yield _single("redis_up", "Whether Redis answers.", 1)
    yield _by("queue_messages", "Messages that wait in a queue.", "queue", waiting.items())
    yield _single("messages_held", "Messages that workers hold.", held_messages)
    ends = [
        ({"outcome": outcome, "reason": reason}, float(number))
        for (outcome, reason), number in visits.items()
    ]
    help_text = "Visits that ended, by outcome and reason; outcome again: a try that is followed by another."
    yield Measure("visits_total", help_text, sorted(ends, key=str), "counter")
    yield _single(
        "lease_expiries_total", "Leases that ended by time, not by their session.", expiries, "counter"
    )


def _of_lanes(now: datetime) -> Iterator[Measure]:
    due = Host.objects.filter(due_at__lte=now).order_by().values_list("rank")
    rows = list(due.annotate(Count("pk"), Min("due_at")))
    rows_of = {lane: [row for row in rows if row[0] in ranks_of(lane)] for lane in Lane}
    counts = [(lane.label, sum(row[1] for row in rows_of[lane])) for lane in Lane]
    yield _by("lane_due_hosts", "Hosts with due work.", "lane", counts)
    ages = [(lane.label, max((_age(row[2], now) for row in rows_of[lane]), default=0.0)) for lane in Lane]
    yield _by("lane_oldest_due_seconds", "How long the oldest due work waits.", "lane", ages)
    yield _single(
        "hosts_leased",
        "Hosts that a session holds.",
        Host.objects.filter(lease_until__gt=now).exclude(lease_owner="").count(),
    )
    yield _single(
        "hosts_resting",
        "Hosts that are not asked after too many failures.",
        Host.objects.filter(open_until__gt=now).count(),
    )


def _of_batches(now: datetime) -> Iterator[Measure]:
    open_batches = Batch.objects.exclude(state=Batch.State.STORED).order_by()
    counts = dict(open_batches.values_list("state").annotate(Count("pk")))
    states = [
        (state.value, counts.get(state.value, 0)) for state in (Batch.State.FETCHED, Batch.State.PARSED)
    ]
    yield _by("batches_open", "Batches on their way through parse and store.", "state", states)
    oldest = open_batches.aggregate(oldest=Min("created_at"))["oldest"]
    yield _single("batches_oldest_seconds", "Age of the oldest of them.", _age(oldest, now))
    overdue = open_batches.filter(due_at__lt=now).count()
    yield _single("batches_overdue", "Batches that are to be published again.", overdue)


def _of_schedules(now: datetime) -> Iterator[Measure]:
    due = Seed.objects.scheduled().filter(next_slot__lte=now)
    slots = due.aggregate(number=Count("pk"), first=Min("next_slot"))
    yield _single("slots_due", "Slots that have come and were not opened yet.", slots["number"])
    yield _single("slots_lateness_seconds", "How late the latest of them is.", _age(slots["first"], now))
    lately = Run.objects.filter(kind=Run.Kind.SCHEDULED, created_at__gte=now - LATELY)
    delay = lately.exclude(started_at=None).aggregate(most=Max(F("started_at") - F("slot")))["most"]
    seconds = max(delay.total_seconds(), 0.0) if delay else 0.0
    yield _single(
        "slots_opened_lateness_seconds", "The longest that a slot of the last hour was opened late.", seconds
    )
    states = dict(lately.order_by().values_list("state").annotate(Sum("slots")))
    counts = [(state.value, states.get(state.value, 0)) for state in Run.State]
    yield _by("slots_lately", "Slots of the last hour by the state of their run.", "state", counts)
    live = dict(Run.objects.live().order_by().values_list("state").annotate(Count("pk")))
    counts = [(state.value, live.get(state.value, 0)) for state in Run.LIVE]
    yield _by("runs_open", "Runs that have not ended.", "state", counts)


def _of_processes(now: datetime) -> Iterator[Measure]:
    ages = [(heart.name, _age(heart.seen_at, now)) for heart in Heartbeat.objects.all()]
    text = "Age of beat's last sign of life, which proves the whole loop."
    yield from (_single("beat_age_seconds", text, age) for name, age in ages if name == heartbeats.BEAT)
    workers = [(name, age) for name, age in ages if "@" in name]
    yield _by("worker_age_seconds", "Age of a worker's last sign of life.", "worker", workers)


def _of_checks(now: datetime) -> Iterator[Measure]:
    """What is wrong by :mod:`scheduler.checks`, by name: a label must not change with every sentence."""
    codes = Counter(finding.code for finding in problems(CheckOptions(now)))
    yield _single("problems", "Things that are wrong, as /health/ tells them; 0 is well.", codes.total())
    yield _by("problem", "How many of them a check has found.", "check", codes.items())


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
