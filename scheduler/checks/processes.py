"""The processes that should run: beat, the workers, and a worker for every queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from catalog.models import Heartbeat
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.clock.step_back import HEART as RECONCILE
from scheduler.process import deaths, heartbeats
from scheduler.queues import QUEUE_NAMES

_START = "Start it ('crawlbeat up', or the container), or look at its log if it should run."


def beat(options: CheckOptions) -> Findings:
    """Whether beat ticks. Its sign is written by a task, so it proves Redis and a worker too."""
    heart = options.hearts.get(heartbeats.BEAT)
    if heart is None:
        yield Finding("beat", "Beat has never given a sign of life: nothing becomes due.", _START)
    elif not heartbeats.is_alive(heart, options.now):
        yield Finding(
            "beat",
            f"Beat's last sign of life {_when(heart, options.now)}: it, Redis or the worker of 'control' is "
            "down, and nothing becomes due.",
            _START,
        )


def workers(options: CheckOptions) -> Findings:
    """Workers that went away without a word, and whether one is left."""
    gone = [heart for heart in options.workers if not heartbeats.is_alive(heart, options.now)]
    if gone:
        yield Finding(
            "worker-gone",
            f"Workers without a sign of life for {heartbeats.lost_after().total_seconds():g} s: {len(gone)}.",
            f"{_START} One that was taken away for good is forgotten after a day.",
            examples=[f"{heart.name}: {_when(heart, options.now)}" for heart in gone[:EXAMPLES]],
        )


def queues(options: CheckOptions) -> Findings:
    """Queues that no living worker takes from."""
    alive = [heart for heart in options.workers if heartbeats.is_alive(heart, options.now)]
    served = {queue for heart in alive for queue in heart.info.get("queues", [])}
    if not alive:
        yield Finding("queue-unserved", "No worker gives a sign of life: nothing is done.", _START)
    elif idle := [queue for queue in QUEUE_NAMES if queue not in served]:
        yield Finding(
            "queue-unserved",
            f"No living worker takes from {', '.join(idle)}.",
            "Start a worker of that kind (entrypoint.sh names them).",
        )


def restarts(options: CheckOptions) -> Findings:
    """Processes that end again and again, as their keeper saw it."""
    for name, number in deaths.lately(options.hearts.values(), options.now).items():
        if number >= deaths.MANY:
            yield Finding("restarts", deaths.sentence(name, number), deaths.ADVICE)


def clock_entries(options: CheckOptions) -> Findings:
    """Malformed entries that reconcile has removed in the last hour."""
    reconcile = options.hearts.get(RECONCILE)
    if reconcile is not None and (broken := reconcile.info.get("broken", [])):
        yield Finding(
            "clock-entries",
            f"Clock entries in Redis that were malformed, and removed in the last hour: {len(broken)}.",
            "Nothing, if it happened once: they are written anew. Find out who else writes to this Redis.",
            examples=broken[:EXAMPLES],
        )


def _when(heart: Heartbeat, now: datetime) -> str:
    age = (now - heart.seen_at).total_seconds()
    return f"is {age:,.0f} s old" if age >= 0 else f"lies {-age:,.0f} s in the future"


def late_after() -> timedelta:
    """How late work of the control queue may be; later work shows that no worker does it."""
    return timedelta(seconds=max(60 * settings.TIME_SCALE, 4 * settings.SWEEP_SECONDS))
