"""Coverage as people read it: what fell, since when, on which pages, and the last good values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from catalog.models import Coverage, Page, Record, RecordVersion, Run, Seed
from crawler.reading.record import Value

RECENT_RUNS = 200  # how far back the dashboard looks
_NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Line:
    """One line of the table: a collection's pages, or a field."""

    name: str
    filled: int
    of: int
    failed: int
    fallen: bool
    last_good: str  # a sample


@dataclass(frozen=True)
class CollectionCoverage:
    """What the last run that was measured read of a collection."""

    row: Coverage
    lines: list[Line]
    sentences: list[str] = field(default_factory=list)  # what fell
    pages: list[Page] = field(default_factory=list)  # that show it


@dataclass(frozen=True)
class Fall:
    """A seed whose last run read much less of a collection than was usual."""

    seed: Seed
    since: datetime
    sentence: str


def coverage_of(seed: Seed) -> list[CollectionCoverage]:
    """Of each collection of a seed, by the last run that has it."""
    newest = Coverage.objects.filter(run__seed=seed).order_by("-run_id").first()
    if newest is None:
        return []
    return [_of(seed, row) for row in Coverage.objects.filter(run=newest.run_id).order_by("pk")]


def recent_falls(limit: int = 8) -> list[Fall]:
    """Seeds whose last measured run had falls, newest first."""
    latest = Run.objects.order_by("-id").values("pk")[:RECENT_RUNS]
    newer = Coverage.objects.filter(
        run__seed=OuterRef("run__seed"), collection=OuterRef("collection"), run__gt=OuterRef("run")
    )
    rows = Coverage.objects.filter(~Exists(newer), run__in=latest, run__seed__deleted_at=None)
    fallen = rows.exclude(fallen={}).select_related("run__seed").order_by("-run_id", "pk")[:limit]
    return [Fall(row.run.seed, _since(row), sentence_of(row)) for row in fallen]


def sentence_of(row: Coverage) -> str:
    """What fell in a collection, in one sentence."""
    names = [name for name in row.fallen if name]
    if "" in row.fallen:
        return f"{row.collection}: read on {row.holding} of {row.pages} pages that had records."
    return f"{row.collection}: hardly any value for {', '.join(names)}."


def _since(row: Coverage) -> datetime:
    return min(datetime.fromisoformat(fall["since"]) for fall in row.fallen.values())


def _of(seed: Seed, row: Coverage) -> CollectionCoverage:
    samples = _samples(seed, row)
    lines = [Line("pages with records", row.holding, row.pages, 0, "" in row.fallen, "")]
    for name, (filled, failed) in row.fields.items():
        lines.append(Line(name, filled, row.records, failed, name in row.fallen, samples.get(name, "")))
    keys = {pk for fall in row.fallen.values() for pk in fall["pages"]}
    pages = list(Page.objects.filter(pk__in=keys).order_by("pk")[:5])
    return CollectionCoverage(row, lines, _sentences(row), pages)


def _sentences(row: Coverage) -> list[str]:
    if not row.fallen:
        return []
    since = f"{_since(row):%Y-%m-%d %H:%M} UTC"
    sentence = f"Since {since}, {sentence_of(row)}"
    return [f"{sentence} The site may have another design. What was read before is kept."]


def _samples(seed: Seed, row: Coverage) -> dict[str, str]:
    """A value of each field, of the first records; of a field that fell, one that it had before."""
    records = list(Record.objects.filter(seed=seed, collection=row.collection, gone_at=None)[:5])
    earlier = RecordVersion.objects.filter(record__in=[record.pk for record in records]).order_by("-pk")
    rows = [*(record.values for record in records), *(version.values for version in earlier[:20])]
    return {
        name: _words(next((values[name] for values in rows if values.get(name) not in _NOTHING), ""))
        for name in row.fields
    }


def _words(value: Value) -> str:
    if isinstance(value, dict) and "amount" in value:
        return f"{value['amount']} {value.get('currency') or ''}".strip()
    return str(value)
