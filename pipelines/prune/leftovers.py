"""Files in the archive that no row refers to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from catalog.models import Batch, Export, Shipment
from catalog.storage import WholeFileStorage
from pipelines import archive
from pipelines.shipping.making import FOLDER
from pipelines.shipping.orders import OPEN

GRACE = timedelta(hours=1)  # younger files may be ahead of their rows
ASKED = 500  # folders whose rows are looked for at once

log = logging.getLogger(__name__)


def orphans(before: datetime) -> Iterator[list[str]]:
    """Batch folders without a row: their session died before it wrote one, or the row was deleted.

    Yields those older than ``before``, in lists that may be empty.
    """
    for day in _days():
        names = [name for name in _folders(day) if _is_older(f"{day}/{name}", before)]
        for start in range(0, len(names), ASKED):
            folders = {f"{day}/{name}" for name in names[start : start + ASKED]}
            known = Batch.objects.filter(folder__in=folders).values_list("folder", flat=True)
            yield sorted(folders.difference(known))


def orphan_folders(before: datetime) -> Iterator[object]:
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


def orphan_exports() -> Iterator[object]:
    """Files of exports that were too old, or were deleted with their seed or run; parts of failed ones."""
    folders, files = _listing("exports")
    for name in files:
        number = name.partition(".")[0]
        if number.isdecimal() and not Export.objects.filter(pk=int(number)).exists():
            archive.delete_object("exports", name)
            yield name
    for name in folders:
        waiting = Export.objects.filter(state=Export.State.WAITING)
        if name.isdecimal() and not waiting.filter(pk=int(name)).exists():
            archive.delete_folder(f"exports/{name}")
            yield name


def orphan_shipments(before: datetime) -> Iterator[object]:
    """What workers that died had made, and what went as rows. A file with a name stays as long as its row."""
    kept = Shipment.objects.filter(Q(state__in=OPEN) | ~Q(name="")).exclude(key="")
    needed = set(kept.values_list("key", flat=True))
    for name in _listing(FOLDER)[1]:
        key = f"{FOLDER}/{name}"
        if key not in needed and archive.storage().get_modified_time(key) < before:
            archive.delete_object(FOLDER, name)
            yield name


def dead_parts() -> int:
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
