"""Segments that nothing or little is needed of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from catalog.models import Batch, JudgedAnswer, Snapshot
from pipelines import archive
from pipelines.prune.rows import each

SPARSE = 4  # a segment is rewritten when less than one byte in so many is needed
SMALL = 16_384  # bytes of a segment that is not worth the work

log = logging.getLogger(__name__)


def empty_segments() -> Iterator[object]:
    """The row is deleted first: a folder without a row is swept, a row without a folder would be wrong."""
    snapshots = Snapshot.objects.filter(batch=OuterRef("pk"))
    judged = JudgedAnswer.objects.filter(batch=OuterRef("pk"))
    for key in each(Batch.objects.filter(~Exists(snapshots), ~Exists(judged), state=Batch.State.STORED)):
        batch = Batch.objects.get(pk=key)
        folder = batch.folder
        batch.delete()
        archive.delete_folder(folder)
        yield folder


def sparse_segments(now: datetime) -> Iterator[object]:
    sparse = Batch.objects.filter(state=Batch.State.STORED, live_bytes__gt=0, segment_bytes__gt=SMALL)
    for key in each(sparse.filter(segment_bytes__gt=F("live_bytes") * SPARSE)):
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
    judged = list(batch.judged_answers.only("offset", "length").order_by("offset"))
    needed: list[Snapshot | JudgedAnswer] = [*snapshots, *judged]
    with archive.open_segment(batch.folder) as segment:
        for kept in needed:
            segment.seek(kept.offset)
            kept.offset, _ = writer.copy(segment.read(kept.length))
    archive.write_object(folder, archive.SEGMENT, writer.bytes())
    with transaction.atomic():
        unmoved = Batch.objects.filter(pk=batch.pk, folder=batch.folder)
        if unmoved.update(folder=folder, segment_bytes=writer.size):
            Snapshot.objects.bulk_update(snapshots, ["offset"])
            JudgedAnswer.objects.bulk_update(judged, ["offset"])
