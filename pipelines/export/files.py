"""Exports made in the background: an :class:`Export` row becomes a file in the archive.

A worker makes one part at a time, under a lease on the row, and the next part is another task. So no export
holds a worker for long, and when a worker dies another goes on where the last whole part ended.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import IO

import msgspec
from django.db.models import F, QuerySet

from catalog.formats import ending
from catalog.models import Export
from pipelines import work_leases
from pipelines.archive import ArchiveError, delete_folder, write_file
from pipelines.export.columns import Column, TooMuch
from pipelines.export.formats import blocks
from pipelines.export.manifest import Made, begun, ended
from pipelines.export.parts import PartWriter, folder_of, read_part, read_parts
from pipelines.export.rows import Rows, rows_of_export
from pipelines.export.slices import Place, Row
from pipelines.work_leases import Lease, LeaseLost

FOLDER = "exports"
FAILURES = (ArchiveError, OSError, ValueError)  # of the archive, the temporary file, a value
AT_ONCE = 2  # exports that are made at the same time: others need the workers too
PART_SECONDS = 20.0  # what a worker reads before it saves a part
PART_BYTES = 64_000_000
MOST_ATTEMPTS = 3  # at one part
DIED = (
    "This file was begun {0} times and never got further: its workers were killed, ran out of memory, or had "
    "no database. Their logs may say which. Ask for it again, or for less, such as one seed or one run."
)

log = logging.getLogger(__name__)


class ExportFailed(Exception):
    """An export cannot be made. The text is for people, and stands on its row."""


def make_export(export_id: int, now: datetime, stopping: Callable[[], bool] = lambda: False) -> None:
    """Make the next part of an export, or its file if that is the last; does nothing if another worker does.

    Idempotent: the key of the file is the export's id, and it appears whole. ``stopping`` says when a part
    should end early. Without the database the lease runs out, and it is tried again.

    Raises:
        ExportFailed: it will not be made; its row has the same text.
    """
    row = Export.objects.filter(pk=export_id, state=Export.State.WAITING)
    token = _take(row, now)
    if token is None:
        return
    lease = _Lease(row, token, now)
    try:
        export = lease.read()
        if export.attempts > MOST_ATTEMPTS:
            raise ExportFailed(DIED.format(MOST_ATTEMPTS))
        _make_some(export, lease, stopping)
    except LeaseLost:
        log.warning("export %s was taken over by another worker", export_id)
    except (ExportFailed, *FAILURES) as error:
        _fail(lease, export_id, error)


def exports_to_make(now: datetime) -> list[Export]:
    """Exports for which a worker is wanted now, those first that were begun longest ago, or never."""
    waiting = Export.objects.filter(state=Export.State.WAITING)
    room = AT_ONCE - waiting.filter(work_leases.held(now)).count()
    if room <= 0:
        return []
    free = waiting.exclude(work_leases.held(now), lease_until__isnull=False)
    return list(free.order_by(F("begun_at").asc(nulls_first=True), "pk")[:room])


def _take(row: QuerySet[Export], now: datetime) -> str | None:
    others = Export.objects.filter(work_leases.held(now), state=Export.State.WAITING).count()
    if others >= AT_ONCE:
        return None
    return work_leases.take(row, now, begun_at=now, attempts=F("attempts") + 1)


class _Lease(Lease):
    """This worker's right to make a part."""

    row: QuerySet[Export]

    def read(self) -> Export:
        """The export, while this worker has it. Raises :class:`LeaseLost`."""
        export = self.row.filter(lease_token=self.token).select_related("seed", "run__seed").first()
        if export is None:
            raise LeaseLost(f"the lease {self.token} was taken over")
        return export


def _make_some(export: Export, lease: _Lease, stopping: Callable[[], bool]) -> None:
    """A part, and the file if no part is missing then. A file of one part is written at once."""
    if export.parts and export.place is None:
        _finish(export, lease, read_parts(export.pk, export.parts, lease.keep))
        return
    rows = rows_of_export(export)
    if not export.parts:
        export.columns = msgspec.to_builtins(rows.columns)
        export.manifest = begun(export, lease.now)
    with tempfile.TemporaryFile() as draft:
        count, place = _write_draft(export, rows, draft, lambda size: _enough(lease, size, stopping))
        export.rows += count
        draft.seek(0)
        if place is None and not export.parts:
            _finish(export, lease, read_part(draft, lease.keep))
            return
        name = f"{len(export.parts) + 1:06}-{lease.token}"
        write_file(folder_of(export.pk), name, draft)
    export.parts = [*export.parts, name]
    whole = {"parts": export.parts, "rows": export.rows, "attempts": 0, "place": None}
    if place is not None:
        begin = {"columns": export.columns, "manifest": export.manifest}
        lease.end(**whole | {"place": msgspec.to_builtins(place)} | begin)
        return
    lease.hold(**whole)
    _finish(export, lease, read_parts(export.pk, export.parts, lease.keep))


def _enough(lease: _Lease, size: int, stopping: Callable[[], bool]) -> bool:
    lease.keep()
    return lease.seconds > PART_SECONDS or size > PART_BYTES or stopping()


def _write_draft(
    export: Export, rows: Rows, draft: IO[bytes], enough: Callable[[int], bool]
) -> tuple[int, Place | None]:
    """Write rows until there are ``enough``; how many, and where to go on (None: all are written).

    To a temporary file first: what is sent to the archive must be complete, and may be large.
    """
    count, place = 0, None
    with PartWriter(draft) as part:
        for each, after in rows.slices(msgspec.convert(export.place or {}, Place)):
            part.write(each)
            count += len(each)
            if enough(draft.tell()):
                place = after
                break
    return count, place


def _finish(export: Export, lease: _Lease, parts: Iterable[list[Row]]) -> None:
    """Make the file of all rows, and delete what parts there are."""
    columns = msgspec.convert(export.columns, list[Column])
    name = f"{export.pk}.{ending(export.format, export.compression)}"
    made = Made(blocks(parts, columns, export.format, export.compression))
    with io.BufferedReader(made) as file:
        write_file(FOLDER, name, file)
    manifest = export.manifest | ended(columns, export.rows, made)
    done = {"state": Export.State.DONE, "key": f"{FOLDER}/{name}", "finished_at": lease.now}
    lease.end(**done, rows=export.rows, parts=[], manifest=manifest)
    if export.parts:
        delete_folder(folder_of(export.pk))


def _fail(lease: _Lease, export_id: int, error: Exception) -> None:
    """Write on the row, for people, why there will be no file; its parts are orphans then."""
    log.exception("export %s failed", export_id)
    words = _words(error)
    try:
        lease.end(state=Export.State.FAILED, error=words, finished_at=lease.now, parts=[], place=None)
    except LeaseLost:
        return
    raise ExportFailed(words) from error


def _words(error: Exception) -> str:
    if isinstance(error, ArchiveError | ExportFailed | TooMuch):
        return str(error)
    if isinstance(error, OSError):
        where = tempfile.gettempdir()
        return f"The file cannot be written in {where} before it goes to the archive: {error.strerror}."
    return f"A value cannot be written: {error}"
