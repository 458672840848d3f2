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
FAILURES = (ArchiveError, DatabaseError, OSError, ValueError)  # of the archive, the rows, the draft, a value
GIVEN_UP_AFTER = timedelta(hours=1)  # a worker that began an export and is silent so long has died

log = logging.getLogger(__name__)


def make_export(export_id: int, now: datetime) -> None:
    """Write the file of a waiting export and note how that went; nothing for one that is begun or made.

    Idempotent: its key is its id, and the object appears whole. A failure is told in ``Export.error``.
    """
    waiting = Export.objects.filter(pk=export_id, state=Export.State.WAITING)
    if not to_begin(now).filter(pk=export_id).update(begun_at=now):
        return
    export = waiting.select_related("seed", "run__seed").get()
    try:
        name = f"{export.pk}.{export.format}"
        rows = _write(name, export)
        waiting.update(state=Export.State.DONE, key=f"{FOLDER}/{name}", rows=rows, finished_at=now)
    except FAILURES as error:
        log.exception("export %s failed", export_id)
        waiting.update(state=Export.State.FAILED, error=str(error), finished_at=now)


def to_begin(now: datetime) -> QuerySet[Export]:
    """Exports that nobody makes: not begun, or begun by a worker that has died."""
    begun = Q(begun_at__gt=now - GIVEN_UP_AFTER)
    return Export.objects.filter(state=Export.State.WAITING).exclude(begun)


def _write(name: str, export: Export) -> int:
    """Through a file on disk: what is sent to the storage must be complete, and may be large."""
    with TemporaryFile() as draft:
        text = io.TextIOWrapper(draft, encoding="utf-8", newline="")
        rows = rows_of(export.kind, export.seed, export.run, every_outcome=export.every_outcome)
        count = write_rows(text, export.format, rows)
        text.flush()
        draft.seek(0)
        write_file(FOLDER, name, draft)
        text.detach()
    return count
