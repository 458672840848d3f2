"""Making a shipment: its file is written once into the archive, with the cursors of what it has.

Who dies while making leaves a file that no row names, which a prune deletes; the next worker makes another.
Once the row names a file, every attempt sends that one.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.db import transaction

from catalog.formats import ending
from catalog.models import Export, Outlet, Shipment
from pipelines import work_leases
from pipelines.archive import ArchiveError, delete_object, write_file
from pipelines.changes.cursor import Cursor
from pipelines.changes.feed import GONE, Reading
from pipelines.export.formats import BLOCK, blocks
from pipelines.export.manifest import Made, begun, ended
from pipelines.export.parts import PartWriter
from pipelines.export.slices import Row
from pipelines.shipping.lines import Lines
from pipelines.shipping.names import name_of
from pipelines.shipping.outlets import is_other
from pipelines.shipping.places import place_of
from pipelines.shipping.places.place import ROWS
from pipelines.shipping.queue import next_shipment
from pipelines.shipping.trying import put_off, uid_of
from pipelines.work_leases import Lease, LeaseLost

FOLDER = "shipments"  # of the archive
FAILURES = (ArchiveError, OSError, ValueError)  # of the archive, the temporary file, a value
ROWS_FILE = "rows"  # the ending of a file for a place that takes rows

log = logging.getLogger(__name__)


def make_shipment(outlet_id: int, now: datetime) -> None:
    """Make the file of the next shipment of an outlet; does nothing if another worker does.

    What cannot be made is tried again later, and says why on its outlet.
    """
    row = Outlet.objects.filter(pk=outlet_id)
    token = work_leases.take(row, now)
    if token is None:
        return
    lease = Lease(row, token, now)
    try:
        shipment = next_shipment(lease)
        if shipment is not None and not shipment.key:
            _try_to_make(shipment, lease)
        lease.end()
    except LeaseLost as error:
        log.info("outlet %s: %s", outlet_id, error)


def _try_to_make(shipment: Shipment, lease: Lease) -> None:
    try:
        _make(shipment, lease)
    except FAILURES as error:
        log.exception("shipment %s of outlet %s cannot be made", shipment.number, shipment.outlet_id)
        put_off(shipment, f"It cannot be made: {error}", lease)


def _make(shipment: Shipment, lease: Lease) -> None:
    outlet = shipment.outlet
    takes_rows = place_of(outlet.place).TAKES == ROWS
    making = _Making(shipment, lease, takes_rows)
    kind = ROWS_FILE if takes_rows else ending(outlet.format, outlet.compression)
    name = f"{outlet.pk}-{shipment.number}-{lease.token}.{kind}"
    with tempfile.TemporaryFile() as draft:
        making.write(draft)
        draft.seek(0)
        lease.keep()
        write_file(FOLDER, name, draft)
    shipment.key = f"{FOLDER}/{name}"
    if not _record(shipment, lease):
        delete_object(FOLDER, name)


@transaction.atomic
def _record(shipment: Shipment, lease: Lease) -> bool:
    """Name the file on the row, unless a person has changed the outlet meanwhile: then it is made anew."""
    lease.hold()  # the row is locked from here on
    known: Outlet = lease.row.get()
    if is_other(known, shipment.outlet) or known.cursor != shipment.outlet.cursor:
        return False
    shipment.attempts, shipment.next_try_at, shipment.tried_since = 0, None, None
    shipment.save(
        update_fields=[
            *("key", "name", "share", "since", "until", "rows", "gone", "manifest"),
            *("attempts", "next_try_at", "tried_since"),
        ]
    )
    return True


class _Making:
    """The file of a shipment, while it is written; sets what its row says of it."""

    def __init__(self, shipment: Shipment, lease: Lease, takes_rows: bool) -> None:
        self._shipment, self._lease, self._takes_rows = shipment, lease, takes_rows
        outlet = shipment.outlet
        keyed = takes_rows or outlet.share == Outlet.Share.SINCE
        self._lines = Lines(outlet, lease.now, keyed)
        self._reading: Reading | None = None

    def write(self, file: IO[bytes]) -> None:
        """Write all. The cursor of everything is taken before the first row is read."""
        shipment, outlet = self._shipment, self._shipment.outlet
        begin = begun(_as_export(outlet), self._lease.now)
        shipment.rows = shipment.gone = 0
        shipment.since = _since(outlet, int(begin["cursor"]))
        whole = not shipment.since
        shipment.share = Outlet.Share.WHOLE if whole else Outlet.Share.SINCE
        made = self._write_rows(file) if self._takes_rows else self._write_file(file)
        shipment.until = str(self._reading.cursor) if self._reading else begin["cursor"]
        shipment.name = name_of(outlet, shipment)
        shipment.manifest = begin | ended(self._lines.columns, shipment.rows, made) | self._told()

    def _told(self) -> dict[str, Any]:
        shipment, outlet = self._shipment, self._shipment.outlet
        return {
            "outlet": {"id": uid_of(outlet), "name": outlet.name},
            "number": shipment.number,
            "share": shipment.share,
            "since": shipment.since or None,
            "until": shipment.until,
            "cursor": shipment.until,
            "gone": shipment.gone,
        }

    def _write_file(self, file: IO[bytes]) -> Made:
        outlet = self._shipment.outlet
        made = Made(blocks(self._parts(), self._lines.columns, outlet.format, outlet.compression))
        shutil.copyfileobj(made, file, BLOCK)
        return made

    def _write_rows(self, file: IO[bytes]) -> Made:
        with PartWriter(file) as part:
            for rows in self._parts():
                part.write(rows)
        file.seek(0)
        made = Made(iter(lambda: file.read(BLOCK), b""))
        while made.read(BLOCK):
            pass
        return made

    def _parts(self) -> Iterator[list[Row]]:
        shipment = self._shipment
        if shipment.since:
            self._reading = Reading(Cursor.parse(shipment.since), shipment.outlet.seed, [self._lines.of])
            parts = self._lines.changed(self._reading)
        else:
            parts = self._lines.whole()
        for part in parts:
            self._lease.keep()
            shipment.rows += len(part)
            shipment.gone += sum(row.get("change") == GONE for row in part)
            yield part


def _since(outlet: Outlet, last: int) -> str:
    """The cursor from which changes are told; empty: everything is, also if it is of another database."""
    if outlet.share != Outlet.Share.SINCE or not outlet.cursor:
        return ""
    return outlet.cursor if Cursor.parse(outlet.cursor).number <= last else ""


def _as_export(outlet: Outlet) -> Export:
    """As manifests know it: an export without a row of its own."""
    return Export(
        kind=outlet.kind,
        format=outlet.format or ROWS_FILE,
        compression=outlet.compression,
        seed=outlet.seed,
        query=outlet.query,
    )
