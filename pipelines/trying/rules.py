"""What the rules of collections read from a tried page, with each match and each step; and its main text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from crawler.collections import Collection
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.extractor.own import OwnReader
from crawler.reading.extractor.trace import FieldTrace, trace
from crawler.reading.main_text import read_main_text
from crawler.reading.record import ReadRecord
from pipelines.trying.trial import CollectionShown, FieldShown, StepShown

SHOWN = 20  # records whose values are shown
PROBLEMS = 20


def read_collections(document: Document, collections: Sequence[Collection]) -> list[CollectionShown]:
    """What each collection reads from a document."""
    shown = [_read(document, collection) for collection in collections if not collection.extractor]
    for own in compile_collections(tuple(collections)).own:
        shown += _read_by_own(document, own)
    return shown


def _read_by_own(document: Document, own: OwnReader) -> list[CollectionShown]:
    """What an extractor in Python gives for each of its collections, with the place of its mistake."""
    problems: list[str] = []
    records = own.read(document, problems)
    problems += own.trace(document)
    return [
        CollectionShown(
            name=name,
            records=sum(record.collection == name for record in records),
            values=[record.values for record in records if record.collection == name][:SHOWN],
            problems=problems or ([] if records else [f"The extractor {own.name!r} gives nothing here."]),
        )
        for name in own.names
    ]


def main_text_of(document: Document) -> str:
    """The text of a page without what stands around it."""
    return read_main_text(document).text


def _read(document: Document, collection: Collection) -> CollectionShown:
    (reader,) = compile_collections((collection,)).readers
    if not reader.covers(document.url):
        return CollectionShown(name=collection.name, problems=["Its pages have other addresses."])
    warnings: list[str] = []
    records = compile_collections((collection,)).read(document, warnings)
    traced = trace((collection,), document, range(1))
    problems = [*warnings, *_problems(collection, records)]
    return CollectionShown(
        name=collection.name,
        records=len(records),
        values=[record.values for record in records[:SHOWN]],
        fields=[_shown(field) for field in traced[0].fields] if traced else [],
        problems=list(dict.fromkeys(problems))[:PROBLEMS],
    )


def _shown(field: FieldTrace) -> FieldShown:
    """The rule that matched, else the last that was tried."""
    rule = next((each for each in field.rules if each.matches), field.rules[-1])
    problem = next((each.reason for each in field.problems.values()), rule.problem)
    return FieldShown(
        name=field.name,
        rule=f"{rule.rule.kind}: {rule.rule.rule}",
        matched=list(map(_text, rule.first)),
        steps=[
            StepShown(" ".join((step.kind, *step.arguments)), list(texts))
            for _, steps in field.steps[:1]
            for step, texts in steps
        ],
        type=field.type,
        value=field.value,
        problem=problem or ("" if rule.matches else "Its rule matches nothing here."),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _problems(collection: Collection, records: Sequence[ReadRecord]) -> Iterator[str]:
    """A sentence for each field without values, with the first reason; and for a page without records."""
    if not records:
        yield f"No item of {collection.name!r} is on this page: its rule matches nothing."
        return
    for field in collection.fields:
        missing = sum(record.values.get(field.name) is None for record in records)
        if missing:
            yield f"{field.name}: no value in {missing:,} of {len(records):,} records."
    for record in records:
        yield from (f"{name}: {problem.reason}" for name, problem in record.problems.items())
