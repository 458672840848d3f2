"""When a run has ended: its coverage is kept, falls are noted, and what was in doubt is decided.

While pages are stored, a page that held records of a collection and shows none takes nothing away: the rules
may read it no more. If the collection fell in the run, its records stay, and a person is told; if it did not,
those pages are empty indeed, and what they held is gone. A recrawl is too small to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Coverage, Page, Record, Run
from crawler.reading.extractor.coverage import RUNS, Count, has_fallen
from pipelines.quality.pages import SLICE, Read, locked, read_of
from pipelines.store.changes import Changes
from pipelines.store.readings import latest_readings
from pipelines.store.records import leave

WHOLE = ""  # the name under which a collection as a whole is noted as fallen


def measure_run(run_id: int, now: datetime) -> None:
    """Keep what a finished run read of its collections. May be interrupted and begun again."""
    run = Run.objects.filter(pk=run_id, state=Run.State.FINISHED, compared=None).first()
    if run is None or run.rule_set_id is None or run.kind == Run.Kind.RECRAWL:
        return
    for read in read_of(run):
        before = earlier(run, read.collection.name)
        fallen = _fallen(read, before, run.finished_at or now)
        Coverage.objects.update_or_create(
            run=run,
            collection=read.collection.name,
            defaults={
                "pages": read.pages,
                "holding": read.holding,
                "records": read.records,
                "fields": read.fields,
                "fallen": fallen,
            },
        )
        if WHOLE not in fallen:
            _settle(read, now)


def earlier(run: Run, collection: str) -> list[Coverage]:
    """The coverage of the last runs of the seed before this one, the newest first."""
    rows = Coverage.objects.filter(run__seed=run.seed_id, run__lt=run.pk, collection=collection)
    return list(rows.order_by("-run_id")[:RUNS])


def _fallen(read: Read, before: Sequence[Coverage], ended: datetime) -> dict[str, Any]:
    """What fell. Runs in which it had fallen already show nothing of what is usual."""
    fallen: dict[str, Any] = {}
    counts = {name: Count(filled, read.records) for name, (filled, _) in read.fields.items()}
    for name, count in {WHOLE: Count(read.holding, read.pages), **counts}.items():
        usual = [_count(row, name) for row in before if name not in row.fallen]
        if has_fallen(count, usual):
            since = before[0].fallen.get(name, {}).get("since", ended.isoformat())
            fallen[name] = {"since": since, "pages": read.examples[name]}
    return fallen


def _count(row: Coverage, name: str) -> Count:
    if name == WHOLE:
        return Count(row.holding, row.pages)
    filled, _ = row.fields.get(name, (0, 0))
    return Count(filled, row.records if name in row.fields else 0)


def _settle(read: Read, now: datetime) -> None:
    """What pages held that are empty indeed is gone, or at home on another page."""
    for start in range(0, len(read.doubtful), SLICE):
        _leave(read, read.doubtful[start : start + SLICE], now)


@transaction.atomic
def _leave(read: Read, page_ids: list[int], now: datetime) -> None:
    """Unless another run has read a page meanwhile and found records on it."""
    locked(page_ids)
    name = read.collection.name
    readings = latest_readings(Page.objects.filter(pk__in=page_ids))
    empty = [pk for pk, reading in readings.items() if not reading.data.get(name)]
    if Record.objects.filter(page__in=empty, collection=name, gone_at=None).exists():
        leave(dict.fromkeys(empty, now), name, Changes(now))
