"""What a run that has ended says of its seed: it failed, was late, read less than usual, or is well again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from catalog.models import Coverage, Event, Run, Seed
from catalog.models.run import WAITED
from crawler.outcomes import Reason
from pipelines.events.outages import Outage, Outages
from pipelines.events.refusals import judge_refusals
from pipelines.quality.falls import sentence_of

FAILED = Outage(Event.Kind.RUN_FAILED)
MISSED, LATE = Outage(Event.Kind.SLOT_MISSED), Outage(Event.Kind.SLOT_LATE)


@transaction.atomic
def judge_run(run_id: int, now: datetime) -> None:
    """Begin and end the outages that a run shows. Call it between measuring and comparing it.

    May be repeated. A recrawl, or a run that a person stopped, says nothing.
    """
    run = Run.objects.filter(pk=run_id, state=Run.State.FINISHED, compared=None).first()
    if run is None or run.kind == Run.Kind.RECRAWL or run.reason == Reason.STOPPED:
        return
    if Seed.objects.select_for_update(no_key=True).get(pk=run.seed_id).deleted_at is not None:
        return
    outages = Outages(run.seed_id, run.pk, now)
    _judge_whole(run, outages)
    _judge_time(run, outages)
    _judge_coverage(run, outages)
    judge_refusals(run, outages)
    outages.write()


def _judge_whole(run: Run, outages: Outages) -> None:
    if Run.objects.filter(Run.GOT_NOTHING, pk=run.pk).exists():
        outages.begin(FAILED, _why(run))
    elif run.stored + run.unchanged or run.known_failures:
        outages.end(FAILED)


def _why(run: Run) -> str:
    if run.failed:
        return f"It got no page: {run.failed} of {run.discovered} addresses failed."
    return f"It could not begin: {run.reason}."


def _judge_time(run: Run, outages: Outages) -> None:
    if run.kind != Run.Kind.SCHEDULED or run.started_at is None or run.reason == WAITED:
        return
    if run.started_at - run.slot > timedelta(seconds=settings.LATE_SECONDS):
        begin_late(outages, run.slot, run.started_at)
    else:
        outages.end(MISSED)
        outages.end(LATE)


def begin_missed(outages: Outages, slot: datetime) -> None:
    """A slot came due while nothing ran, and so long ago that no run answers it."""
    outages.begin(MISSED, f"No run answered what was due at {slot:%Y-%m-%d %H:%M} UTC: nothing ran then.")


def begin_late(outages: Outages, slot: datetime, opened: datetime) -> None:
    """A run was opened late. If slots were missed, that is told already."""
    if not outages.has_begun(MISSED):
        minutes = (opened - slot) // timedelta(minutes=1)
        outages.begin(LATE, f"It was due at {slot:%Y-%m-%d %H:%M} UTC and began {minutes} minutes late.")


def _judge_coverage(run: Run, outages: Outages) -> None:
    rows = {row.collection: row for row in Coverage.objects.filter(run=run).order_by("pk")}
    for name, row in rows.items():
        outage = Outage(Event.Kind.COVERAGE_FELL, name)
        if row.falls:
            outages.begin(outage, sentence_of(row))
        else:
            outages.end(outage)
    for outage in outages.open:
        if outage.kind == Event.Kind.COVERAGE_FELL and outage.collection not in rows:
            outages.end(outage)  # its rules are no more
