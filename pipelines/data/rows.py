"""The rows of a list of records for a file: exactly what the list shows, in its order, with its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Record, RecordVersion, Seed
from pipelines.as_of.records import COLUMNS, RecordAt, records_at
from pipelines.data.conditions import (
    SORTED,
    condition_on,
    condition_on_versions,
    every_version,
    records_of,
    sorted_keys,
)
from pipelines.data.record_list import VERSIONS, RecordList
from pipelines.export.columns import FieldType, Type, type_of
from pipelines.export.rows import Rows
from pipelines.export.slices import SLICE, Fields, Place, Row, Slices, moment_text, ordered

LIST_COLUMNS = (
    *("url", "collection", "key", "position", "first_seen_at", "last_seen_at", "last_changed_at", "gone_at"),
    *("seed", "fields"),
)
VERSION_COLUMNS = ("url", "collection", "key", "position", "since", "until", "seed", "fields")
THINGS = 20  # whose versions are read at once
_READ = (
    *(*COLUMNS, "collection", "key", "position", "first_seen_at", "last_seen_at"),
    *("page__url", "page__last_fetched_at", "seed__name"),
)


def list_rows(wanted: RecordList, now: datetime) -> Rows:
    """The rows of a list; fields are those of its columns, or all that its collection has had."""
    types = tuple(fields_of(wanted))
    names = tuple(wanted.columns or dict.fromkeys(field.name for field in types))
    columns = VERSION_COLUMNS if wanted.view == VERSIONS else LIST_COLUMNS
    return Rows(columns, _Reader(wanted, now, names).slices, lambda: _in_order(types, names))


def some_rows(wanted: RecordList, now: datetime) -> Callable[[Sequence[int]], dict[int, Row]]:
    """What gives, of records by their ids, the rows of those that are in the list now."""
    names = tuple(wanted.columns or dict.fromkeys(field.name for field in fields_of(wanted)))
    return _Reader(wanted, now, names).some


def _in_order(types: Sequence[FieldType], names: Iterable[str]) -> Iterator[FieldType]:
    """The types of these fields, each with every type that it has had; a field without a rule is a text."""
    for name in names:
        yield from [field for field in types if field.name == name] or [FieldType(name, Type.TEXT)]


def fields_of(wanted: RecordList) -> Iterator[FieldType]:
    """The fields of the list's collection and their types, by the rules in force and then by earlier ones."""
    seeds = Seed.objects.alive().filter(pk=wanted.seed) if wanted.seed else Seed.objects.alive()
    for seed in seeds.order_by("pk"):
        in_force = [collection.plain() for collection in seed.policy().collections]
        earlier = seed.rule_sets.order_by("-in_force_since").values_list("rules", flat=True)
        for collection in (*in_force, *(each for rules in earlier for each in rules)):
            if wanted.collection in ("", collection["name"]):
                yield from (
                    FieldType(field["name"], type_of(field)) for field in collection.get("fields", ())
                )


_VERSION = ("since", "until", "values")


@dataclass(frozen=True)
class _Reader:
    """Reads the rows of a list in parts; the place after one is a key, or how many rows came before."""

    wanted: RecordList
    now: datetime
    names: tuple[str, ...]

    def slices(self, place: Place) -> Slices:
        if self.wanted.view == VERSIONS:
            return self._versions(place.after)
        return self._sorted(place.after) if self.wanted.sort else self._newest(place.after)

    def _newest(self, after: int) -> Slices:
        """In the order of an index: the newest first, of a moment of the past the oldest."""
        backward = self.wanted.as_of is None
        records = records_of(self.wanted).filter(condition_on(self.wanted, self.now))
        records = records.order_by("-pk" if backward else "pk")
        while True:
            beyond = {"pk__lt" if backward else "pk__gt": after} if after else {}
            part = list(records.filter(**beyond).values(*_READ)[:SLICE])
            if part:
                after = part[-1]["pk"]
                yield self._rows(part), Place(after=after)
            if len(part) < SLICE:
                return

    def _sorted(self, after: int) -> Slices:
        keys = sorted_keys(self.wanted, self.now, after, SORTED)
        for begin in range(0, len(keys), SLICE):
            part = keys[begin : begin + SLICE]
            rows = {row["pk"]: row for row in Record.objects.filter(pk__in=part).values(*_READ)}
            known = [rows[key] for key in part if key in rows]
            yield self._rows(known), Place(after=after + begin + len(part))

    def some(self, keys: Sequence[int]) -> dict[int, Row]:
        """The rows of those of these records that are in the list."""
        records = records_of(self.wanted).filter(condition_on(self.wanted, self.now), pk__in=keys)
        part = list(records.values(*_READ))
        return dict(zip((row["pk"] for row in part), self._rows(part), strict=True))

    def _rows(self, part: Sequence[Row]) -> list[Row]:
        if self.wanted.as_of is None:
            return [self._row(row) for row in part]
        states = records_at(part, self.wanted.as_of)
        return [self._row(row) | self._at(states[row["pk"]]) for row in part]

    def _row(self, row: Row) -> Row:
        gone = row["gone_at"] is not None
        seen = row["last_seen_at"] if gone else max(row["last_seen_at"], row["page__last_fetched_at"])
        values: Row = {
            **_known(row),
            "first_seen_at": moment_text(row["first_seen_at"]),
            "last_seen_at": moment_text(seen),
            "last_changed_at": moment_text(row["last_changed_at"]),
            "gone_at": moment_text(row["gone_at"]),
            "fields": self._fields(row["values"]),
        }
        return {column: values[column] for column in LIST_COLUMNS}

    def _at(self, state: RecordAt) -> Row:
        return {
            "last_seen_at": None,  # what was overwritten since is not known
            "last_changed_at": moment_text(state.changed_at),
            "gone_at": moment_text(state.gone_at),
            "fields": self._fields(state.values),
        }

    def _fields(self, values: Fields | None) -> Fields:
        shown = ordered(values, self.names)
        return {name: shown[name] for name in shown if not self.wanted.columns or name in self.names}

    def _versions(self, after: int) -> Slices:
        """What each record has and had, the newest values first."""
        records = records_of(self.wanted).order_by("-pk")
        while True:
            things = list((records.filter(pk__lt=after) if after else records).values(*_READ)[:THINGS])
            if things:
                after = things[-1]["pk"]
                yield list(self._with_earlier(things)), Place(after=after)
            if len(things) < THINGS:
                return

    def _with_earlier(self, things: Sequence[Row]) -> Iterator[Row]:
        keys = [row["pk"] for row in things]
        shown = Record.objects.filter(every_version(self.wanted, self.now), pk__in=keys)
        current = set(shown.values_list("pk", flat=True))
        wanted = condition_on_versions(self.wanted, self.now)
        versions = RecordVersion.objects.filter(wanted, record__in=keys).order_by("-pk")
        earlier: dict[int, list[Row]] = {key: [] for key in keys}
        for version in versions.values("record_id", *_VERSION):
            earlier[version["record_id"]].append({name: version[name] for name in _VERSION})
        for row in things:
            if row["pk"] in current:
                times = {"since": row["last_changed_at"], "until": row["gone_at"], "values": row["values"]}
                yield self._version_row(row, times)
            yield from (self._version_row(row, version) for version in earlier[row["pk"]])

    def _version_row(self, row: Row, version: Row) -> Row:
        whole = _known(row) | {"fields": self._fields(version["values"])}
        whole |= {name: moment_text(version[name]) for name in ("since", "until")}
        return {column: whole[column] for column in VERSION_COLUMNS}


def _known(row: Row) -> Row:
    columns = ("collection", "key", "position")
    return {"url": row["page__url"], "seed": row["seed__name"], **{name: row[name] for name in columns}}
