"""What an export holds: plain rows, read in slices by primary key, so that memory stays constant.

With a run, the rows are that run's visits, with the fields by its own rules. Without a run, they are the
current state of every page of a seed (or of all seeds): the latest version, as last confirmed, with the
fields by the newest rules. ``every_outcome`` adds what was redirected, failed or skipped; without a run,
in the seed's latest run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from catalog.models import Export, Record, Run, Seed, Visit
from crawler.outcomes import Outcome
from crawler.rules.keys import Keys

SLICE = 500  # rows read at once
PAGE_COLUMNS = (
    *("url", "final_url", "status", "outcome", "reason", "depth", "content_type", "fetched_at"),
    *("seed", "title", "fields"),
)
RECORD_COLUMNS = ("url", "fetched_at", "seed", "run", "fields")
KEPT = (Outcome.STORED, Outcome.UNCHANGED)

Row = dict[str, Any]
Fields = dict[str, str | None]


@dataclass(frozen=True)
class Rows:
    """Rows that can be read more than once, always in the same order, each time from the database."""

    columns: tuple[str, ...]
    read: Callable[[], Iterator[Row]]
    declared: tuple[str, ...]  # names of fields, by the rules in force
    complete: bool  # no row can have other fields

    def __iter__(self) -> Iterator[Row]:
        return self.read()

    def field_names(self) -> list[str]:
        """All names of fields; those of older rules come last. May read everything once."""
        names = dict.fromkeys(self.declared)
        if not self.complete:
            for row in self:
                names.update(dict.fromkeys(row["fields"]))
        return list(names)


def rows_of(
    kind: str, seed: Seed | None = None, run: Run | None = None, *, every_outcome: bool = False
) -> Rows:
    """The rows of a ``kind``, one of :class:`Export.Kind`; records exist of stored versions only."""
    if kind == Export.Kind.RECORDS:
        return record_rows(seed, run)
    return page_rows(seed, run, every_outcome=every_outcome)


def page_rows(seed: Seed | None = None, run: Run | None = None, *, every_outcome: bool = False) -> Rows:
    """Rows of :data:`PAGE_COLUMNS`: of a run, else of a seed, else of all seeds."""
    if run is not None:
        visits = _done(run) if every_outcome else _done(run).filter(outcome__in=KEPT)
        return Rows(PAGE_COLUMNS, lambda: _visit_rows(run, visits), _names_of_run(run), complete=True)

    def read(seed: Seed) -> Iterator[Row]:
        yield from _state_rows(seed)
        latest = _latest_runs(seed)[:1] if every_outcome else []
        for run in latest:
            yield from _visit_rows(run, _done(run).exclude(outcome__in=KEPT))

    return _of_seeds(PAGE_COLUMNS, seed, read)


def record_rows(seed: Seed | None = None, run: Run | None = None) -> Rows:
    """Rows of :data:`RECORD_COLUMNS`: what a run stored or found unchanged, else every version."""
    if run is not None:
        return Rows(RECORD_COLUMNS, lambda: _run_records(run), _names_of_run(run), complete=True)
    return _of_seeds(RECORD_COLUMNS, seed, _all_records)


def _of_seeds(columns: tuple[str, ...], seed: Seed | None, read: Callable[[Seed], Iterator[Row]]) -> Rows:
    def everything() -> Iterator[Row]:
        seeds = Seed.objects.alive().order_by("pk") if seed is None else [seed]
        return chain.from_iterable(map(read, seeds))

    return Rows(columns, everything, () if seed is None else _names_of_seed(seed), complete=False)


def _names_of_run(run: Run) -> tuple[str, ...]:
    return tuple(field.name for field in run.policy.fields)


def _names_of_seed(seed: Seed) -> tuple[str, ...]:
    return tuple(rule["name"] for rule in seed.fields)


def _done(run: Run) -> QuerySet[Visit]:
    return Visit.objects.filter(run=run, state=Visit.State.DONE)


def _latest_runs(seed: Seed) -> list[Run]:
    """The run that is open, if one is, and the last that finished; newest first."""
    return list(Run.objects.started().filter(seed=seed).order_by("-pk")[:2])


def _slices(queryset: QuerySet[Any], columns: tuple[str, ...]) -> Iterator[list[Row]]:
    """The queryset's columns in slices by primary key: each starts after the last key of the slice before."""
    ordered = queryset.order_by("pk").values("pk", *columns)
    rows = list(ordered[:SLICE])
    while rows:
        yield rows
        rows = list(ordered.filter(pk__gt=rows[-1]["pk"])[:SLICE])


_VISIT = (
    *("url", "outcome", "reason", "status", "depth", "content_type", "fetched_at", "location"),
    *("page__url", "snapshot__title", "snapshot__content_type", "data"),
)


def _visit_rows(run: Run, visits: QuerySet[Visit]) -> Iterator[Row]:
    names, seed, keys = _names_of_run(run), run.seed.name, Keys.of(run.policy)
    for row in chain.from_iterable(_slices(_with_fields(visits, run), _VISIT)):
        yield {
            "url": row["page__url"] or keys.canonical(row["url"]),
            "final_url": row["location"] or row["url"],
            "status": row["status"],
            "outcome": Outcome(row["outcome"]).label,
            "reason": row["reason"],
            "depth": row["depth"],
            "content_type": row["content_type"] or row["snapshot__content_type"] or None,
            "fetched_at": _moment(row["fetched_at"]),
            "seed": seed,
            "title": row["snapshot__title"],
            "fields": _ordered(row["data"], names),
        }


def _with_fields(visits: QuerySet[Visit], run: Run) -> QuerySet[Visit]:
    """Visits with the ``data`` that the run's own rules read, even if others read these versions later."""
    records = Record.objects.filter(snapshot=OuterRef("snapshot"), rule_set=run.rule_set_id)
    return visits.annotate(data=Subquery(records.values("data")[:1]))


_STATE = (
    *("url", "fingerprint", "last_fetched_at", "latest__fetched_at", "latest__final_url", "latest__status"),
    *("latest__content_type", "latest__title", "data"),
)


def _state_rows(seed: Seed) -> Iterator[Row]:
    names, runs = _names_of_seed(seed), _latest_runs(seed)
    records = Record.objects.filter(snapshot=OuterRef("latest")).newest_first()
    for rows in _slices(seed.pages.annotate(data=Subquery(records.values("data")[:1])), _STATE):
        depths = _depths(runs, [row["fingerprint"] for row in rows])
        for row in rows:
            unchanged = (
                row["latest__fetched_at"] is None or row["last_fetched_at"] > row["latest__fetched_at"]
            )
            yield {
                "url": row["url"],
                "final_url": row["latest__final_url"],
                "status": row["latest__status"],
                "outcome": (Outcome.UNCHANGED if unchanged else Outcome.STORED).label,
                "reason": None,
                "depth": depths.get(row["fingerprint"]),
                "content_type": row["latest__content_type"] or None,
                "fetched_at": _moment(row["last_fetched_at"]),
                "seed": seed.name,
                "title": row["latest__title"],
                "fields": _ordered(row["data"], names),
            }


def _depths(runs: Iterable[Run], fingerprints: list[int]) -> dict[int, int]:
    """Depth by fingerprint in the latest runs; the newest counts."""
    visits = Visit.objects.filter(run__in=list(runs), fingerprint__in=fingerprints)
    return dict(visits.order_by("run_id").values_list("fingerprint", "depth"))


_RECORD = ("page__url", "snapshot__fetched_at", "snapshot__run_id", "data")


def _run_records(run: Run) -> Iterator[Row]:
    names, seed = _names_of_run(run), run.seed.name
    visits = _with_fields(_done(run).filter(outcome__in=KEPT), run)
    for row in chain.from_iterable(_slices(visits, _RECORD)):
        if row["data"] is not None:
            yield _record_row(row, seed, names)


def _all_records(seed: Seed) -> Iterator[Row]:
    names = _names_of_seed(seed)
    for row in chain.from_iterable(_slices(Record.objects.filter(seed=seed).newest(), _RECORD)):
        yield _record_row(row, seed.name, names)


def _record_row(row: Row, seed: str, names: tuple[str, ...]) -> Row:
    return {
        "url": row["page__url"],
        "fetched_at": _moment(row["snapshot__fetched_at"]),
        "seed": seed,
        "run": row["snapshot__run_id"],
        "fields": _ordered(row["data"], names),
    }


def _ordered(data: Fields | None, names: tuple[str, ...]) -> Fields:
    """The fields in the order of the rules, which a jsonb column does not keep."""
    if not data:
        return {}
    return {name: data[name] for name in (*names, *data) if name in data}


def _moment(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
