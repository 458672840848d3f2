"""A rereading's records beside those that the seed has, slice by slice, in the order of collection and key.

Compare and promote both go through these slices: what is shown is what promoting does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from django.db.models import QuerySet

from catalog.models import Page, Reading, Record, Rereading, Sighting, Snapshot
from catalog.models.record import held_in
from crawler.reading.record import same
from pipelines.rereading.history import Life, Shown, Version, life_of
from pipelines.store.record_row import COLUMNS, RecordRow

KEYS = 500  # of a slice, at most
SIGHTINGS = 2_000  # of a slice, unless one key has more

_SHOWN = ("snapshot", "page", "position", "key", "values", "problems")


class Place(msgspec.Struct):
    """The last key of the slice before."""

    collection: str
    key_hash: int


class Pair(msgspec.Struct):
    """A record as it is, and as it would be; ``life`` None: the rules do not show it."""

    collection: str
    key_hash: int
    record: RecordRow | None
    life: Life | None

    @property
    def kind(self) -> str:
        """new, changed or gone, as the feed has it; empty if only its history changes."""
        there = self.record is not None and self.record.gone_at is None
        stays = self.life is not None and self.life.gone_at is None
        if there and stays:
            assert self.record is not None
            assert self.life is not None
            return "" if same(self.record.values, self.life.values.values) else "changed"
        return {(True, False): "gone", (False, True): "new"}.get((there, stays), "")


class Slice(msgspec.Struct):
    """Some records, and where the next slice begins."""

    pairs: list[Pair]
    place: Place


def next_slice(rereading: Rereading, place: Place | None, *, lock: bool = False) -> Slice | None:
    """The slice after a place; None at the end. ``lock``: the pages, then the records.

    Left out is what nobody can say: records with a page that could not be read, or that has a version that
    is newer than the rereading.
    """
    for name in _collections(rereading):
        if place is not None and name < place.collection:
            continue
        after = place.key_hash if place is not None and name == place.collection else None
        if keys := _keys(rereading, name, after):
            pairs = _pairs(rereading, name, (after, keys[-1]), lock=lock)
            return Slice(pairs, Place(name, keys[-1]))
    return None


def _collections(rereading: Rereading) -> list[str]:
    """Those that it may change."""
    names = sorted(rules["name"] for rules in rereading.rule_set.rules)
    return [name for name in names if rereading.collection in ("", name)]


def _keys(rereading: Rereading, name: str, after: int | None) -> list[int]:
    """The next keys, of sightings and of records; of one key, all sightings are in the slice."""
    sightings = Sighting.objects.filter(rereading=rereading, collection=name)
    records = Record.objects.filter(seed=rereading.seed_id, collection=name)
    if after is not None:
        sightings, records = sightings.filter(key_hash__gt=after), records.filter(key_hash__gt=after)
    shown, known = _first(sightings, SIGHTINGS), _first(records, KEYS)
    if len(shown) == SIGHTINGS:  # the last key may have more
        last = next((key for key in reversed(shown) if key != shown[-1]), shown[-1])
        shown, known = ([key for key in keys if key <= last] for keys in (shown, known))
    return sorted({*shown, *known})[:KEYS]


def _first(rows: QuerySet[Sighting] | QuerySet[Record], most: int) -> list[int]:
    return list(rows.order_by("key_hash").values_list("key_hash", flat=True)[:most])


def _pairs(rereading: Rereading, name: str, between: tuple[int | None, int], *, lock: bool) -> list[Pair]:
    after, last = between
    span = {"collection": name, "key_hash__lte": last} | ({} if after is None else {"key_hash__gt": after})
    shown: dict[int, list[Shown]] = defaultdict(list)
    for key, *row in Sighting.objects.filter(rereading=rereading, **span).values_list("key_hash", *_SHOWN):
        shown[key].append(Shown(*row))
    found = Record.objects.filter(seed=rereading.seed_id, **span)
    pages = {each.page for group in shown.values() for each in group}
    pages.update(page for home, also in found.values_list("page", "also_on") for page in (home, *also))
    if lock:
        locked = Page.objects.select_for_update().filter(pk__in=pages).order_by("seed", "fingerprint")
        list(locked.values_list("pk"))
        found = found.select_for_update()
    rows = (RecordRow(*row) for row in found.order_by("pk").values_list(*COLUMNS))
    records = {row.key_hash: row for row in rows}
    known = _Pages(rereading, pages)
    return [
        Pair(name, key, records.get(key), known.life(shown[key], records.get(key)) if key in shown else None)
        for key in sorted({*shown, *records})
        if known.knows(records.get(key), shown.get(key, ()))
    ]


class _Pages:
    """The pages of a slice: their versions that were read, and whether the newest is among them."""

    def __init__(self, rereading: Rereading, pages: Iterable[int]) -> None:
        ids = sorted(pages)
        rows = Page.objects.filter(pk__in=ids).values_list("pk", "latest", "gone_at")
        states = {pk: (latest, gone_at) for pk, latest, gone_at in rows}
        self._gone: dict[int, datetime] = {pk: gone for pk, (_, gone) in states.items() if gone is not None}
        versions = Snapshot.objects.filter(page__in=ids, pk__lte=rereading.last_snapshot)
        read = set(
            Reading.objects.filter(rule_set=rereading.rule_set_id, snapshot__page__in=ids).values_list(
                "snapshot", flat=True
            )
        )
        self._versions: dict[int, list[Version]] = defaultdict(list)
        for row in versions.values_list("pk", "page", "run", "fetched_at"):
            version = Version(*row)
            if version.snapshot in read:
                self._versions[version.page].append(version)
        last = rereading.last_snapshot
        self._known = {pk for pk, (latest, _) in states.items() if latest in read and latest <= last}

    def knows(self, record: RecordRow | None, shown: Sequence[Shown]) -> bool:
        """Whether all pages that have to do with a record were read as they are now."""
        pages = {each.page for each in shown}
        if record is not None:
            pages.update((record.page_id, *record.also_on))
        return pages <= self._known

    def life(self, shown: Sequence[Shown], record: RecordRow | None) -> Life:
        """With the values that are held of the record where the rules read none either."""
        life = life_of(shown, self._versions, self._gone)
        if record is not None and (held := held_in(record.problems)):
            looked_for = held.keys() & life.values.values.keys()
            values, problems = record.hold(
                life.values.values, life.home.problems, looked_for, life.last_changed_at
            )
            life.values = msgspec.structs.replace(life.values, values=values)
            life.home = msgspec.structs.replace(life.home, problems=problems)
        return life
