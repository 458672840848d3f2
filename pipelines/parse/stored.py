"""The bodies of stored versions, for pages that did not change while the rules of their fields did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from catalog.models import Snapshot
from pipelines.archive import (
    ArchiveError,
    ObjectMissing,
    open_segment,
    read_body_at,
    read_headers_at,
)


class _Place(NamedTuple):
    """Where a body is in the archive, and its content type."""

    folder: str
    offset: int
    length: int
    content_type: str


class StoredBody(NamedTuple):
    """A body, and what the response says of it."""

    body: bytes
    content_type: str
    headers: Sequence[tuple[str, str]] = ()  # where they were asked for; names in lower case


class StoredBodies:
    """Bodies by the ids of their snapshots.

    Their places are looked up here, by one statement, and not when the pages are fetched: pruning may copy
    the parts of a segment that are still needed to another folder.
    """

    def __init__(self, snapshot_ids: Collection[int]) -> None:
        self._places = _places(snapshot_ids)

    def read(self, snapshot_id: int, *, headers: bool = False) -> StoredBody:
        """A version's body, and its headers if asked for. Raises :class:`pipelines.archive.ArchiveError`."""
        place = self._places.get(snapshot_id)
        if place is None:
            raise ObjectMissing(f"version {snapshot_id} has been deleted")
        try:
            return _read(place, headers=headers)
        except ArchiveError:
            moved = _places([snapshot_id]).get(snapshot_id)
            if moved is None or moved == place:
                raise
            return _read(moved, headers=headers)


def _places(snapshot_ids: Collection[int]) -> dict[int, _Place]:
    if not snapshot_ids:
        return {}
    rows = Snapshot.objects.filter(pk__in=list(snapshot_ids))
    places = rows.values_list("pk", "batch__folder", "offset", "length", "content_type")
    return {pk: _Place(folder, offset, length, kind) for pk, folder, offset, length, kind in places}


def _read(place: _Place, *, headers: bool) -> StoredBody:
    with open_segment(place.folder) as segment:
        body = read_body_at(segment, place.offset, place.length)
        pairs = read_headers_at(segment, place.offset, place.length) if headers else ()
        return StoredBody(body, place.content_type, pairs)
