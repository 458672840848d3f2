"""Exports made in the background: an :class:`Export` row becomes a file in the archive.

A worker makes one part at a time, under a lease on the row, and the next part is another task. So no export
holds a worker for long, and when a worker dies another goes on where the last whole part ended.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import get_ident
from time import monotonic
from typing import IO

import msgspec
from django.db import connection
from django.db.models import F, QuerySet

from catalog.models import Export
from pipelines import work_leases
from pipelines.archive import ArchiveError, delete_folder, write_file
from pipelines.export.formats import WRITERS
from pipelines.export.parts import Joined, folder_of
from pipelines.export.rows import Rows, rows_of
from pipelines.export.slices import Place
from pipelines.work_leases import LeaseLost

FOLDER = "exports"
FAILURES = (ArchiveError, OSError, ValueError)  # of the archive, the temporary file, a value
AT_ONCE = 2  # exports that are made at the same time: others need the workers too
PART_SECONDS = 20.0  # what a worker reads before it saves a part
PART_BYTES = 64_000_000
MOST_ATTEMPTS = 3  # at one part
RENEW_SECONDS = 5.0  # how often a lease is renewed
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


@dataclass
class _Lease:
    """This worker's right to make a part. Raises :class:`LeaseLost` when another worker has it."""

    row: QuerySet[Export]
    token: str
    now: datetime

    def __post_init__(self) -> None:
        self._began = self._renewed = monotonic()
        self._thread = get_ident()

    @property
    def seconds(self) -> float:
        """How long it has been held."""
        return monotonic() - self._began

    def read(self) -> Export:
        """The export, while this worker has it."""
        export = self.row.filter(lease_token=self.token).select_related("seed", "run__seed").first()
        if export is None:
            raise LeaseLost(f"the lease {self.token} was taken over")
        return export

    def hold(self, **changes: object) -> None:
        """Renew it and change the row."""
        self._renewed = monotonic()
        work_leases.renew(self.row, self.token, self.now + timedelta(seconds=self.seconds), **changes)

    def keep(self) -> None:
        """Renew it if it is time to."""
        if monotonic() - self._renewed > RENEW_SECONDS:
            self.hold()
            if get_ident() != self._thread:  # S3's client reads in threads of its own
                connection.close()

    def end(self, **changes: object) -> None:
        """Give it back and change the row."""
        work_leases.give_back(self.row, self.token, **changes)


def _make_some(export: Export, lease: _Lease, stopping: Callable[[], bool]) -> None:
    """A part, and the file if no part is missing then. A file of one part is written at once."""
    if export.parts and export.place is None:
        _join(export, lease)
        return
    rows = _rows(export)
    with tempfile.TemporaryFile() as draft:
        count, place = _write_draft(export, rows, draft, lambda size: _enough(lease, size, stopping))
        draft.seek(0)
        if place is None and not export.parts:
            _finish(export, lease, draft, count)
            return
        name = f"{len(export.parts) + 1:06}-{lease.token}"
        write_file(folder_of(export.pk), name, draft)
    export.parts = [*export.parts, name]
    whole = {"parts": export.parts, "rows": export.rows + count, "attempts": 0, "place": None}
    if place is not None:
        lease.end(**whole | {"place": msgspec.to_builtins(place), "field_names": rows.field_names})
        return
    lease.hold(**whole)
    export.rows += count
    _join(export, lease)


def _enough(lease: _Lease, size: int, stopping: Callable[[], bool]) -> bool:
    lease.keep()
    return lease.seconds > PART_SECONDS or size > PART_BYTES or stopping()


def _rows(export: Export) -> Rows:
    rows = rows_of(export.kind, export.seed, export.run, every_outcome=export.every_outcome)
    names = export.field_names
    return rows if names is None else replace(rows, names=lambda: names)


def _write_draft(
    export: Export, rows: Rows, draft: IO[bytes], enough: Callable[[int], bool]
) -> tuple[int, Place | None]:
    """Write rows until there are ``enough``; how many, and where to go on (None: all are written).

    To a temporary file first: what is sent to the archive must be complete, and may be large.
    """
    writer, count = WRITERS[export.format], 0
    text = io.TextIOWrapper(draft, encoding="utf-8", newline="")
    begin = msgspec.convert(export.place or {}, Place)
    if not export.parts:
        text.write(writer.head(rows))
    place = None
    for part, after in rows.slices(begin):
        text.write(writer.lines(rows, part))
        count += len(part)
        if enough(draft.tell()):
            place = after
            break
    text.flush()
    text.detach()
    return count, place


def _join(export: Export, lease: _Lease) -> None:
    """Make the file of all parts, and delete these."""
    with io.BufferedReader(Joined(export.pk, export.parts, lease.keep)) as parts:
        _finish(export, lease, parts, export.rows)
    delete_folder(folder_of(export.pk))


def _finish(export: Export, lease: _Lease, file: IO[bytes], rows: int) -> None:
    name = f"{export.pk}.{export.format}"
    write_file(FOLDER, name, file)
    done = {"state": Export.State.DONE, "key": f"{FOLDER}/{name}", "finished_at": lease.now}
    lease.end(**done, rows=rows, parts=[])


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
    if isinstance(error, ArchiveError | ExportFailed):
        return str(error)
    if isinstance(error, OSError):
        where = tempfile.gettempdir()
        return f"The file cannot be written in {where} before it goes to the archive: {error.strerror}."
    return f"A value cannot be written: {error}"
