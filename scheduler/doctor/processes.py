"""The processes that should run: beat, the workers, and a worker for every queue."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from catalog.models import Heartbeat
from scheduler.clock.reconcile import HEART as RECONCILE
from scheduler.doctor.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.process import heartbeats
from scheduler.queues import QUEUE_NAMES

_START = "Start it ('crawlbeat up', or the container), or look at its log if it should run."


def check(options: CheckOptions) -> Findings:
    """Signs of life."""
    hearts = {heart.name: heart for heart in Heartbeat.objects.all()}
    late = options.now - heartbeats.lost_after()
    yield from _beat(hearts.get(heartbeats.BEAT), options)
    workers = [heart for name, heart in hearts.items() if "@" in name]
    alive = [heart for heart in workers if heart.seen_at >= late]
    if gone := [heart.name for heart in workers if heart.seen_at < late]:
        yield Finding(
            "worker-gone",
            f"Workers without a sign of life for {heartbeats.lost_after().total_seconds():g} s: {len(gone)}.",
            f"{_START} One that was taken away for good is forgotten after a day.",
            examples=gone[:EXAMPLES],
        )
    served = {queue for heart in alive for queue in heart.info.get("queues", [])}
    if idle := [queue for queue in QUEUE_NAMES if queue not in served]:
        yield Finding(
            "queue-unserved",
            f"No living worker takes from {', '.join(idle)}.",
            "Start a worker of that kind (entrypoint.sh names them).",
        )
    if reconcile := hearts.get(RECONCILE):
        yield from _entries(reconcile)


def _beat(heart: Heartbeat | None, options: CheckOptions) -> Findings:
    if heart is None:
        yield Finding("beat", "Beat has never given a sign of life: nothing becomes due.", _START)
    elif heart.seen_at < options.now - heartbeats.lost_after():
        age = (options.now - heart.seen_at).total_seconds()
        yield Finding(
            "beat",
            f"Beat's last sign of life is {age:,.0f} s old: it, Redis or the worker of 'control' is down.",
            _START,
        )


def _entries(heart: Heartbeat) -> Findings:
    if broken := heart.info.get("broken", []):
        yield Finding(
            "clock-entries",
            f"Malformed clock entries in Redis, removed by the last reconcile: {len(broken)}.",
            "Nothing, if it happened once: they are written anew. Find out who else writes to this Redis.",
            examples=broken[:EXAMPLES],
        )


def late_after() -> timedelta:
    """How late work of the control queue may be; later work shows that no worker does it."""
    return timedelta(seconds=max(60 * settings.TIME_SCALE, 4 * settings.SWEEP_SECONDS))
