"""Coverage as people read it: what fell, since when, on which pages, and the last good values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.models import Coverage, Page, Record, RecordVersion, Run, Seed
from crawler.reading.extractor.coverage import usual_share
from crawler.reading.record import NOTHING, Value
from pipelines.quality.falls import WHOLE, fallen_since, sentence_of
from pipelines.quality.measure import earlier, usual_counts

EXAMPLES = 5  # pages that show a fall


@dataclass(frozen=True)
class Line:
    """One line of the table: a collection's pages, or a field."""

    name: str
    filled: int
    of: int
    failed: int
    usual: float | None  # in percent
    state: str  # fell, accepted, never or nothing
    last_good: str = ""  # a sample


@dataclass(frozen=True)
class CollectionCoverage:
    """What a run read of a collection."""

    row: Coverage
    lines: list[Line]
    sentence: str = ""  # what fell, and since when
    pages: list[Page] = field(default_factory=list)  # that show it


def coverage_of_seed(seed: Seed) -> list[CollectionCoverage]:
    """Of each collection of a seed, by the last run that was measured, with the last good values."""
    newest = Coverage.objects.filter(run__seed=seed).order_by("-run_id").select_related("run").first()
    rows = _rows(newest.run) if newest is not None else []
    return [_of(row, _samples(seed, row)) for row in rows]


def coverage_of_run(run: Run) -> list[CollectionCoverage]:
    """Of each collection that a run read."""
    return [_of(row, {}) for row in _rows(run)]


def _rows(run: Run) -> Sequence[Coverage]:
    return list(Coverage.objects.filter(run=run).select_related("run").order_by("pk"))


def _of(row: Coverage, samples: dict[str, str]) -> CollectionCoverage:
    before = earlier(row.run, row.collection)
    lines = [
        Line(
            name=name or "pages with records",
            filled=filled,
            of=row.records if name else row.pages,
            failed=failed,
            usual=_percent(usual),
            state=_state(row, name, filled, usual),
            last_good=samples.get(name, ""),
        )
        for name, (filled, failed) in {WHOLE: (row.holding, 0), **row.fields}.items()
        for usual in (usual_share(usual_counts(before, name)),)
    ]
    pages = list(Page.objects.filter(pk__in=row.example_pages).order_by("pk")[:EXAMPLES])
    return CollectionCoverage(row, lines, _sentence(row), pages)


def _state(row: Coverage, name: str, filled: int, usual: float | None) -> str:
    """What is to be said of a line; ``never`` of a field whose rule has found nothing at all so far."""
    if name in row.falls:
        return "fell"
    if name in row.fallen:
        return "accepted"
    return "never" if name and not filled and not usual and row.records else ""


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _sentence(row: Coverage) -> str:
    if not row.falls:
        return ""
    since = f"{fallen_since(row):%Y-%m-%d %H:%M} UTC"
    return (
        f"Since {since}, {sentence_of(row)} The site may have another design. "
        "The last good values are held until it is read again."
    )


def _samples(seed: Seed, row: Coverage) -> dict[str, str]:
    """A value of each field, of the first records; of a field without one, one that it had before."""
    records = list(Record.objects.filter(seed=seed, collection=row.collection, gone_at=None)[:5])
    earlier_ones = RecordVersion.objects.filter(record__in=[record.pk for record in records]).order_by("-pk")
    rows = [*(record.values for record in records), *(version.values for version in earlier_ones[:20])]
    return {
        name: _words(next((values[name] for values in rows if values.get(name) not in NOTHING), ""))
        for name in row.fields
    }


def _words(value: Value) -> str:
    if isinstance(value, dict) and "amount" in value:
        return f"{value['amount']} {value.get('currency') or ''}".strip()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
