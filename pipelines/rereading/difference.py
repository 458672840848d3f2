"""The difference that promoting would make: counts and samples, as JSON on the row of the rereading."""

from __future__ import annotations

from typing import Any

import msgspec

from crawler.reading.record import Value, same
from pipelines.rereading.slices import Pair

SAMPLES = 20  # of a collection and kind
LENGTH = 1000  # characters of a value in a sample: it is for the eye, and its row is written often

_NOTHING: tuple[Value, ...] = (None, "", [], {})
_Values = dict[str, Any]


class Sample(msgspec.Struct):
    """A record whose values would be others; of what is changed, only the changed fields."""

    key: list[str]
    page: int
    old: _Values
    new: _Values
    version: int = 0  # whence the new values are; of what is gone, the old ones


class OfField(msgspec.Struct):
    """Of how many records its value is another, or there is one at last, or none any more."""

    changed: int = 0
    appeared: int = 0
    vanished: int = 0

    def add(self, old: Value, new: Value) -> None:
        """Count a record's values."""
        was, is_there = old not in _NOTHING, new not in _NOTHING
        self.changed += was and is_there
        self.appeared += is_there and not was
        self.vanished += was and not is_there


class OfCollection(msgspec.Struct):
    """The difference in one collection."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    same: int = 0
    fields: dict[str, int] = {}  # records in which it has another value
    values: dict[str, OfField] = {}  # by field, of new records and those that are gone too
    samples: dict[str, list[Sample]] = {}  # by kind

    def add(self, pair: Pair) -> None:
        """Count a record."""
        if not (kind := pair.kind):
            self.same += 1
            return
        setattr(self, kind, getattr(self, kind) + 1)
        sample = _sample(pair, kind)
        for name in {**sample.old, **sample.new} if kind == "changed" else ():
            self.fields[name] = self.fields.get(name, 0) + 1
        for name in {**sample.old, **sample.new}:
            self.values.setdefault(name, OfField()).add(sample.old.get(name), sample.new.get(name))
        kept = self.samples.setdefault(kind, [])
        if len(kept) < SAMPLES and (sample.old or sample.new):
            kept.append(_cut(sample))


Difference = dict[str, OfCollection]


def _cut(sample: Sample) -> Sample:
    """The same with its long values cut; what is nested and long becomes its text."""
    old, new = (
        {name: _cut_value(value) for name, value in values.items()} for values in (sample.old, sample.new)
    )
    return msgspec.structs.replace(sample, old=old, new=new)


def _cut_value(value: Value) -> Value:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return value if len(text) <= LENGTH else f"{text[:LENGTH]}…"


def add_pairs(difference: Difference, pairs: list[Pair]) -> None:
    """Count the records of a slice."""
    for pair in pairs:
        difference.setdefault(pair.collection, OfCollection()).add(pair)


def _sample(pair: Pair, kind: str) -> Sample:
    record, life = pair.record, pair.life
    old: _Values = record.values if record is not None and kind != "new" else {}
    new: _Values = life.values.values if life is not None and kind != "gone" else {}
    if kind == "changed":
        names = [name for name in {**old, **new} if not same(old.get(name), new.get(name))]
        old = {name: old[name] for name in names if name in old}
        new = {name: new[name] for name in names if name in new}
    home = life.home if life is not None else None
    key = home.key if home is not None else (record.key if record is not None else [])
    page = home.page if home is not None else (record.page_id if record is not None else 0)
    version = life.values.snapshot if kind != "gone" and life is not None else 0
    return Sample(key, page, old, new, version or (record.snapshot_id if record is not None else 0))
