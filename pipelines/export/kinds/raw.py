"""The rows of raw answers: what is said of each, and where it lies. The file holds the answers themselves.

Of a run, the versions that it stored or found unchanged; of a seed, all versions that are kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import Run, Seed, Snapshot
from pipelines.export.plain import Moment
from pipelines.export.rows import Asked, Rows, of_seeds
from pipelines.export.slices import (
    KEPT,
    Columns,
    Place,
    Row,
    Slices,
    Values,
    below,
    in_slices,
    read_slices,
    read_visits,
)

RAW_COLUMNS = (
    *("url", "final_url", "fetched_at", "status", "content_type", "title", "content_hash", "seed", "run"),
    "version",
)
_SNAPSHOT = ("id", "page__url", "final_url", "status", "content_type", "title", "digest", "run_id")
_VISIT = ("snapshot_id", "page__url", *(f"snapshot__{name}" for name in _SNAPSHOT[2:]))


def rows(asked: Asked) -> Rows:
    """The rows of the raw answers of a run, else of a seed or of all seeds."""
    run = asked.run
    if run is not None:
        return Rows(RAW_COLUMNS, lambda place: _of_run(run, place), tuple)
    return Rows(RAW_COLUMNS, of_seeds((), asked.seed, _of_seed).slices, tuple)


def _of_run(run: Run, place: Place) -> Slices:
    columns: Columns = (*_VISIT, Moment("snapshot__fetched_at"))
    for part, after in read_visits(run, KEPT, columns, place):
        yield [_row(answer, run.seed.name) for _, *answer in part if answer[0] is not None], after


def _of_seed(seed: Seed, place: Place) -> Slices:
    return in_slices(_versions(seed, place))


def _versions(seed: Seed, begin: Place) -> Iterator[tuple[Row, Place]]:
    columns: Columns = (*_SNAPSHOT, Moment("fetched_at"))
    for part in read_slices(seed.pages.all(), (), begin.after - bool(begin.below)):
        for page, key, *answer in below(Snapshot.objects.all(), "page_id", _keys(part), columns, begin):
            yield _row(answer, seed.name), Place(seed.pk, after=page, below=key)


def _keys(part: list[Values]) -> list[int]:
    return [key for (key,) in part]


def _row(answer: list[object], seed: str) -> Row:
    version, url, final_url, status, content_type, title, digest, run, fetched_at = answer
    return {
        "url": url,
        "final_url": final_url,
        "fetched_at": fetched_at,
        "status": status,
        "content_type": content_type,
        "title": title,
        "content_hash": digest,
        "seed": seed,
        "run": run,
        "version": version,
    }
