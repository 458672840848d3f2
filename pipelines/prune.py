"""Deleting what is no longer needed, in short transactions, so that crawling goes on meanwhile.

- visits of runs that ended more than VISIT_RETENTION_DAYS ago, runs that ended RUN_RETENTION_DAYS ago;
- exports made (or given up) EXPORT_RETENTION_DAYS ago, with their files;
- everything of a deleted seed, once no run of it is open;
- segments without a snapshot; a segment of which little is needed is copied without what is not;
- files in the archive that no row refers to.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.models import Batch, Export, Run, Seed, Snapshot, Visit
from catalog.storage import WholeFileStorage
from pipelines import archive

CHUNK = 500  # rows deleted in one transaction
GRACE = timedelta(hours=1)  # younger files may be ahead of their rows
SPARSE = 4  # a segment is rewritten when less than one byte in so many is needed
SMALL = 16_384  # bytes of a segment that is not worth the work

log = logging.getLogger(__name__)


def prune(now: datetime, *, seconds: float = 20.0) -> bool:
    """Delete until all is done (True) or the time is over (False: another call continues)."""
    end = monotonic() + seconds
    return all(monotonic() < end for _ in _steps(now))


def _steps(now: datetime) -> Iterator[object]:
    """All the work in small pieces; each is committed when it is yielded."""
    yield from _old_visits(now - timedelta(days=settings.VISIT_RETENTION_DAYS))
    yield from _old_runs(now - timedelta(days=settings.RUN_RETENTION_DAYS))
    yield from _delete(_old_exports(now - timedelta(days=settings.EXPORT_RETENTION_DAYS)))
    yield from _deleted_seeds()
    yield from _empty_segments()
    yield from _sparse_segments(now)
    yield from _orphan_folders(now - GRACE)
    yield from _orphan_exports()
    yield _dead_parts()


# Rows -----------------------------------------------------------------------------------------------------


def _old_visits(before: datetime) -> Iterator[object]:
    visits = Visit.objects.filter(run=OuterRef("pk"))
    runs = Run.objects.filter(Exists(visits), state=Run.State.FINISHED, finished_at__lt=before)
    for run in _each(runs):
        yield from _delete(Visit.objects.filter(run=run))


def _old_runs(before: datetime) -> Iterator[object]:
    ended = Q(state=Run.State.FINISHED, finished_at__lt=before)
    never_ran = Q(state__in=[Run.State.SKIPPED, Run.State.MISSED], created_at__lt=before)
    for run in _each(Run.objects.filter(ended | never_ran)):
        yield from _delete_run(run)


def _old_exports(before: datetime) -> QuerySet[Export]:
    """Rows of old exports. A file without a row is then an orphan (:func:`_orphan_exports`)."""
    return Export.objects.filter(finished_at__lt=before).exclude(state=Export.State.WAITING)


def _delete_run(run: int) -> Iterator[object]:
    """A run with its visits; the versions that it stored stay."""
    yield from _delete(Visit.objects.filter(run=run))
    snapshots = Snapshot.objects.filter(run=run)
    while keys := _keys(snapshots):
        yield Snapshot.objects.filter(pk__in=keys).update(run=None)
    yield Run.objects.filter(pk=run).delete()


def _deleted_seeds() -> Iterator[object]:
    """From the bottom up, so that no single delete has many rows to cascade to."""
    live = Run.objects.open().filter(seed=OuterRef("pk"))
    for seed in Seed.objects.filter(~Exists(live), deleted_at__isnull=False):
        for run in _each(seed.runs.all()):
            yield from _delete(Visit.objects.filter(run=run))
        yield from _delete_pages(seed)
        for run in _each(seed.runs.all()):
            yield from _delete_run(run)
        yield seed.delete()


def _delete_pages(seed: Seed) -> Iterator[object]:
    while keys := _keys(seed.pages.all()):
        while _delete_snapshots(_keys(Snapshot.objects.filter(page__in=keys))):
            yield None
        yield seed.pages.filter(pk__in=keys).delete()


@transaction.atomic
def _delete_snapshots(keys: Sequence[int]) -> bool:
    """Delete versions with their records, and count again the bytes that are needed of their segments."""
    snapshots = Snapshot.objects.filter(pk__in=keys)
    batches = list(snapshots.order_by().values_list("batch_id", flat=True).distinct())
    snapshots.delete()
    remaining = Snapshot.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
    live_bytes = Subquery(remaining.annotate(total=Sum("length")).values("total"))
    Batch.objects.filter(pk__in=batches).update(live_bytes=Coalesce(live_bytes, 0))
    return bool(keys)


def _delete(rows: QuerySet[Any]) -> Iterator[object]:
    while keys := _keys(rows):
        yield rows.model.objects.filter(pk__in=keys).delete()


def _each(rows: QuerySet[Any]) -> Iterator[int]:
    """The keys of rows, read in slices; rows may be deleted meanwhile."""
    last = 0
    while keys := _keys(rows.filter(pk__gt=last)):
        yield from keys
        last = keys[-1]


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])


# Segments -------------------------------------------------------------------------------------------------


def _empty_segments() -> Iterator[object]:
    """The row is deleted first: a folder without a row is swept, a row without a folder would be wrong."""
    snapshots = Snapshot.objects.filter(batch=OuterRef("pk"))
    for key in _each(Batch.objects.filter(~Exists(snapshots), state=Batch.State.STORED)):
        batch = Batch.objects.get(pk=key)
        folder = batch.folder
        batch.delete()
        archive.delete_folder(folder)
        yield folder


def _sparse_segments(now: datetime) -> Iterator[object]:
    sparse = Batch.objects.filter(state=Batch.State.STORED, live_bytes__gt=0, segment_bytes__gt=SMALL)
    for key in _each(sparse.filter(segment_bytes__gt=F("live_bytes") * SPARSE)):
        batch = Batch.objects.get(pk=key)
        try:
            _rewrite(batch, now)
        except archive.ArchiveError:
            log.exception("the segment of batch %s cannot be written anew", batch.pk)
        yield batch.folder


def _rewrite(batch: Batch, now: datetime) -> None:
    """Copy the WARC records that are needed to a new folder. The old one is then an orphan, swept later."""
    folder = archive.new_folder(now)
    writer = archive.SegmentWriter()
    snapshots = list(batch.snapshots.only("offset", "length").order_by("offset"))
    with archive.open_object(batch.folder, archive.SEGMENT) as segment:
        for snapshot in snapshots:
            segment.seek(snapshot.offset)
            snapshot.offset, _ = writer.copy(segment.read(snapshot.length))
    archive.write_object(folder, archive.SEGMENT, writer.bytes())
    with transaction.atomic():
        unmoved = Batch.objects.filter(pk=batch.pk, folder=batch.folder)
        if unmoved.update(folder=folder, segment_bytes=writer.size):
            Snapshot.objects.bulk_update(snapshots, ["offset"])


# Files ----------------------------------------------------------------------------------------------------


def orphans(before: datetime) -> Iterator[list[str]]:
    """Batch folders without a row: their session died before it wrote one, or the row was deleted.

    Yields those older than ``before``, in lists that may be empty.
    """
    for day in _days():
        names = [name for name in _folders(day) if _is_older(f"{day}/{name}", before)]
        for start in range(0, len(names), CHUNK):
            folders = {f"{day}/{name}" for name in names[start : start + CHUNK]}
            known = Batch.objects.filter(folder__in=folders).values_list("folder", flat=True)
            yield sorted(folders.difference(known))


def _orphan_folders(before: datetime) -> Iterator[object]:
    for folders in orphans(before):
        for folder in folders:
            log.info("deleting %s, which no batch owns", folder)
            archive.delete_folder(folder)
        yield folders


def _days() -> Iterator[str]:
    """The folders of days, which hold the batch folders: ``batches/2026/11/23``."""
    for year in _folders(archive.BATCHES):
        for month in _folders(f"{archive.BATCHES}/{year}"):
            for day in _folders(f"{archive.BATCHES}/{year}/{month}"):
                yield f"{archive.BATCHES}/{year}/{month}/{day}"


def _is_older(folder: str, before: datetime) -> bool:
    """Whether a batch folder's name has an earlier time; False for another folder."""
    try:
        stamp = f"{folder.partition('-')[0]}+0000"
        return datetime.strptime(stamp, f"{archive.BATCHES}/%Y/%m/%d/%H%M%S%z") < before
    except ValueError:
        return False


def _orphan_exports() -> Iterator[object]:
    """Files of exports that were too old, or were deleted with their seed or run."""
    for name in _listing("exports")[1]:
        number = name.partition(".")[0]
        if number.isdecimal() and not Export.objects.filter(pk=int(number)).exists():
            archive.delete_object("exports", name)
            yield name


def _dead_parts() -> int:
    """Delete files that dead writers left half written; returns how many. S3 has none."""
    place = archive.storage()
    return place.remove_parts(GRACE.total_seconds()) if isinstance(place, WholeFileStorage) else 0


def _folders(path: str) -> list[str]:
    return sorted(_listing(path)[0])


def _listing(path: str) -> tuple[list[str], list[str]]:
    try:
        return archive.storage().listdir(path)
    except FileNotFoundError:
        return [], []
