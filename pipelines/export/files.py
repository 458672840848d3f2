"""Exports made in the background: an :class:`Export` row becomes a file in the archive."""

from __future__ import annotations

import io
import logging
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from django.db import DatabaseError
from django.db.models import Q, QuerySet

from catalog.models import Export
from pipelines.archive import ArchiveError, write_file
from pipelines.export.formats import write_rows
from pipelines.export.rows import rows_of

FOLDER = "exports"
FAILURES = (
    ArchiveError,
    DatabaseError,
    OSError,
    ValueError,
)  # of the archive, the rows, the temporary file, a value
GIVEN_UP_AFTER = timedelta(
    hours=1
)  # a worker that took an export and has not finished it in this time has died

log = logging.getLogger(__name__)


def make_export(export_id: int, now: datetime) -> None:
    """Write the file of a waiting export and save its result; does nothing if another worker has taken it.

    Idempotent: its key is its id, and the object appears whole. ``Export.error`` has the error of a failure.
    """
    waiting = Export.objects.filter(pk=export_id, state=Export.State.WAITING)
    if not exports_to_make(now).filter(pk=export_id).update(begun_at=now):
        return
    export = waiting.select_related("seed", "run__seed").get()
    try:
        name = f"{export.pk}.{export.format}"
        rows = _write(name, export)
        waiting.update(state=Export.State.DONE, key=f"{FOLDER}/{name}", rows=rows, finished_at=now)
    except FAILURES as error:
        log.exception("export %s failed", export_id)
        waiting.update(state=Export.State.FAILED, error=str(error), finished_at=now)


def exports_to_make(now: datetime) -> QuerySet[Export]:
    """Exports that wait for a worker: none has taken them, or one that has died."""
    being_made = Q(begun_at__gt=now - GIVEN_UP_AFTER)
    return Export.objects.filter(state=Export.State.WAITING).exclude(being_made)


def _write(name: str, export: Export) -> int:
    """Writes to a temporary file first: what is sent to the storage must be complete, and may be large."""
    with TemporaryFile() as draft:
        text = io.TextIOWrapper(draft, encoding="utf-8", newline="")
        rows = rows_of(export.kind, export.seed, export.run, every_outcome=export.every_outcome)
        count = write_rows(text, export.format, rows)
        text.flush()
        draft.seek(0)
        write_file(FOLDER, name, draft)
        text.detach()
    return count
