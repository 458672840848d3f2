"""Times in the future that should lie in the past or near: the clock was moved back."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, IntegerField, Value
from django.db.models.functions import Cast

from catalog.models import Seed
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.process import heartbeats

WALL_SHIFT = timedelta(hours=2)  # intervals that keep the wall time may be longer by a change of the clock
_ADVICE = (
    "Nothing, if it happened once: a worker puts slots and waiting times right within a minute. Have the "
    "machine follow a time server."
)


def signs_from_the_future(options: CheckOptions) -> Findings:
    """Signs of life that are newer than now; a living process soon writes a right one."""
    limit = options.now + heartbeats.lost_after()
    ahead = [heart for heart in options.hearts.values() if heart.seen_at > limit]
    if ahead:
        most = max(heart.seen_at for heart in ahead) - options.now
        yield Finding(
            "clock-back",
            f"Signs of life lie up to {most.total_seconds():,.0f} s in the future: the clock was moved back.",
            _ADVICE,
            examples=[heart.name for heart in ahead[:EXAMPLES]],
        )


def slots_too_far_ahead(options: CheckOptions) -> Findings:
    """Seeds whose next slot is later than their interval allows."""
    seconds = Cast("interval_seconds", IntegerField())  # SQLite multiplies no positive integers
    interval = ExpressionWrapper(seconds * Value(timedelta(seconds=1)), output_field=DurationField())
    seeds = Seed.objects.scheduled().filter(schedule=Seed.Schedule.INTERVAL)
    ahead = seeds.annotate(interval=interval).filter(next_slot__gt=options.now + WALL_SHIFT + F("interval"))
    if number := ahead.count():
        yield Finding(
            "slots-ahead",
            f"Seeds whose next slot is later than their schedule says: {number}.",
            _ADVICE,
            examples=[seed.name for seed in ahead[:EXAMPLES]],
        )
