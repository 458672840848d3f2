"""Pausing everything: seeds are switched off and runs paused, and afterwards the very same go on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from catalog.models import Run, Seed
from djsite.desk import runs, seeds
from djsite.desk.audit import AnyUser
from pipelines.runs.standstill import Standstill as Standstill
from pipelines.runs.standstill import locked, write
from pipelines.runs.standstill import standstill as standstill


def pause_everything(now: datetime, user: AnyUser | None = None) -> str:
    """Switch off all schedules and pause all runs, in one transaction; a sentence for people.

    Asked again, it pauses what has been switched on or begun since. What somebody starts by hand afterwards
    runs: that is a decision of theirs.
    """
    with transaction.atomic():
        chore = locked()
        before = standstill()
        switched = list(Seed.objects.alive().filter(enabled=True).order_by("pk"))
        seeds.switch(switched, False, user)
        paused = _steered(Run.objects.filter(state=Run.State.OPEN), "pause", now)
        current = Standstill(
            since=before.since if before else now,
            by=before.by if before else _name(user),
            seeds=_joined(before.seeds if before else (), [seed.pk for seed in switched]),
            runs=_joined(before.runs if before else (), paused),
        )
        write(chore, current)
    return f"Everything is paused: {_counts(len(current.seeds), len(current.runs))}."


def go_on(now: datetime, user: AnyUser | None = None) -> str:
    """Switch on and resume what the standstill had stopped and nobody has deleted; a sentence for people."""
    with transaction.atomic():
        chore = locked()
        if (before := standstill()) is None:
            return "Nothing is paused."
        switched = seeds.switch(Seed.objects.alive().filter(pk__in=before.seeds).order_by("pk"), True, user)
        resumed = _steered(Run.objects.filter(pk__in=before.runs), "resume", now)
        write(chore, None)
    return f"Things go on: {_counts(switched, len(resumed))}."


def _steered(those: Iterable[Run], action: str, now: datetime) -> list[int]:
    return [run.pk for run in those if runs.steer(run, action, now)]


def _joined(before: Iterable[int], more: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*before, *more)))


def _name(user: AnyUser | None) -> str:
    return user.get_username() if user is not None else "the command line"


def _counts(schedules: int, runs: int) -> str:
    return f"{_count(schedules, 'schedule')}, {_count(runs, 'run')}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
