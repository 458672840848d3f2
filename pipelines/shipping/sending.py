"""Sending: one worker at a time tries the shipments of an outlet, in their order.

An attempt is counted before a connection is opened, and its end is written after. Who dies in between leaves
an attempt without an end, and the same file is sent again: it arrives at least once, and its number lets the
receiver drop doubles. Who has lost the lease stops before the data become visible.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO

import msgspec

from catalog.models import Outlet, Shipment
from catalog.sealing import SealingError
from pipelines import work_leases
from pipelines.archive import ArchiveError, ObjectMissing, delete_object, open_object
from pipelines.export.columns import Column
from pipelines.export.parts import read_part
from pipelines.export.slices import Row
from pipelines.shipping.names import own_names
from pipelines.shipping.outlets import secrets_of
from pipelines.shipping.places import place_of
from pipelines.shipping.places.place import Lot, Spot
from pipelines.shipping.queue import next_shipment
from pipelines.shipping.trying import begin, end, replace, uid_of
from pipelines.telling.kinds.kind import Answer
from pipelines.telling.sending.delivery import without_secrets
from pipelines.work_leases import Lease, LeaseLost

SECONDS = 30.0  # after this no further shipment is begun: other outlets wait, too

log = logging.getLogger(__name__)


def send_shipments(outlet_id: int, now: datetime, stopping: Callable[[], bool] = lambda: False) -> None:
    """Send what is made, in order, until an attempt fails or one has to be made first.

    Does nothing while another worker has the outlet.
    """
    row = Outlet.objects.filter(pk=outlet_id)
    token = work_leases.take(row, now)
    if token is None:
        return
    lease = Lease(row, token, now)
    try:
        while lease.seconds < SECONDS and not stopping():
            shipment = next_shipment(lease)
            if shipment is None or not shipment.key or not _attempt(shipment, lease):
                break
        lease.end()
    except LeaseLost as error:
        log.info("outlet %s: %s", outlet_id, error)


def probe_place(outlet: Outlet) -> Answer:
    """See whether data can be written at an outlet's place; nothing has to be due for it."""
    try:
        secret = secrets_of(outlet)
        place = place_of(outlet.place)
    except (SealingError, ValueError) as error:
        return Answer(False, str(error), refused=True)
    return without_secrets(place.probe(Spot(outlet.options, secret)), secret)


def _attempt(shipment: Shipment, lease: Lease) -> bool:
    """Try a shipment once; whether it is out of the way for the next one."""
    if not begin(shipment, lease):
        return True
    try:
        answer = _send(shipment, lease)
    except ObjectMissing:
        replace(shipment, lease)
        return True
    done = end(shipment, answer, lease)
    if done and not shipment.name:  # files can be downloaded as long as their rows are kept
        key = PurePosixPath(shipment.key)
        with suppress(ArchiveError):  # a prune finds what no row needs
            delete_object(str(key.parent), key.name)
    return done


def _send(shipment: Shipment, lease: Lease) -> Answer:
    """One attempt by the kind of the place; what has no settings, no key or no file ends here."""
    outlet = shipment.outlet
    try:
        secret = secrets_of(outlet)
        place = place_of(outlet.place)
    except (SealingError, ValueError) as error:
        return Answer(False, str(error), refused=True)
    try:
        answer = place.send(lot_of(shipment, Spot(outlet.options, secret), lease))
    except ObjectMissing:
        raise
    except ArchiveError as error:
        return Answer(False, f"What is to be sent cannot be read: {error}.", refused=True)
    return without_secrets(answer, secret)


def lot_of(shipment: Shipment, spot: Spot, lease: Lease) -> Lot:
    """What a place gets of a shipment that is made."""
    key, outlet = PurePosixPath(shipment.key), shipment.outlet

    def opened() -> AbstractContextManager[BinaryIO]:
        return open_object(str(key.parent), key.name)

    def parts() -> Iterator[list[Row]]:
        with opened() as file:
            yield from read_part(file, lease.keep)

    return Lot(
        spot=spot,
        outlet=outlet.name,
        uid=uid_of(outlet),
        number=shipment.number,
        whole=shipment.share == Outlet.Share.WHOLE,
        manifest=shipment.manifest,
        columns=msgspec.convert(shipment.manifest["columns"], list[Column]),
        at=lease.moment,
        file_name=shipment.name,
        mine=own_names(outlet),
        keep=outlet.keep,
        opened=opened,
        parts=parts,
        kept=lease.keep,
    )
