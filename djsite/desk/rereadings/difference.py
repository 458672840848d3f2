"""The difference that using a result makes, for people: by collection, by field, with samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from catalog.models import Page, Rereading, Snapshot
from pipelines.rereading import Difference, OfCollection, Sample

KINDS = ("changed", "new", "gone")


@dataclass(frozen=True)
class FieldLine:
    """How many values of a field are others, are there at last, or are no longer there."""

    name: str
    changed: int
    appeared: int
    vanished: int


@dataclass(frozen=True)
class ValueLine:
    """A field of a sample, before and after."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class SampleRecord:
    """A record whose values would be others. ``version`` is None if it is no longer kept."""

    key: str
    page: int
    url: str
    version: int | None
    values: list[ValueLine]


@dataclass(frozen=True)
class CollectionDifference:
    """In one collection: records by kind, fields, and samples by kind."""

    name: str
    new: int
    changed: int
    gone: int
    same: int
    fields: list[FieldLine]
    samples: list[tuple[str, list[SampleRecord]]]


@dataclass(frozen=True)
class Sum:
    """Over all collections."""

    new: int
    changed: int
    gone: int
    same: int


def difference_of(rereading: Rereading) -> list[CollectionDifference]:
    """Of each collection that has records before or after; in two queries, whatever the number of samples."""
    difference = msgspec.convert(rereading.difference, Difference)
    samples = [each for part in difference.values() for kind in part.samples.values() for each in kind]
    urls = dict(Page.objects.filter(pk__in={each.page for each in samples}).values_list("pk", "url"))
    versions = Snapshot.objects.filter(pk__in={each.version for each in samples})
    kept = set(versions.values_list("pk", flat=True))
    return [_of(name, part, urls, kept) for name, part in difference.items()]


def sum_of(parts: Iterable[CollectionDifference]) -> Sum:
    """All collections together."""
    counts = [(part.new, part.changed, part.gone, part.same) for part in parts]
    return Sum(*map(sum, zip(*counts, strict=True))) if counts else Sum(0, 0, 0, 0)


def _of(name: str, part: OfCollection, urls: Mapping[int, str], kept: set[int]) -> CollectionDifference:
    lines = [FieldLine(field, *msgspec.structs.astuple(counts)) for field, counts in part.values.items()]
    samples = [
        (kind, [_record(sample, urls, kept) for sample in part.samples[kind]])
        for kind in KINDS
        if part.samples.get(kind)
    ]
    counts = (part.new, part.changed, part.gone, part.same)
    return CollectionDifference(
        name, *counts, [line for line in lines if line.changed or line.appeared or line.vanished], samples
    )


def _record(sample: Sample, urls: Mapping[int, str], kept: set[int]) -> SampleRecord:
    values = [
        ValueLine(name, sample.old.get(name), sample.new.get(name)) for name in {**sample.old, **sample.new}
    ]
    version = sample.version if sample.version in kept else None
    return SampleRecord(" ".join(sample.key), sample.page, urls.get(sample.page, ""), version, values)
