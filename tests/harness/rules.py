"""Rules as tests write them: a field by its kind and rule, and what is read from a document."""

from __future__ import annotations

from typing import Any

from crawler.collections import PAGES, Collection, Field, Rule, of_fields
from crawler.reading.document import Document
from crawler.reading.extractor import compile_collections
from crawler.reading.record import ReadRecord


def field_of(name: str, kind: str, rule: str, **more: Any) -> Field:
    """A field with one rule."""
    return Field(name=name, rules=(Rule(kind, rule),), **more)


def pages_of(*fields: Field) -> tuple[Collection, ...]:
    """The collection of plain fields."""
    return of_fields(fields)


def values_of(document: Document, *fields: Field) -> dict[str, Any]:
    """What plain fields read from a document."""
    (record,) = compile_collections(pages_of(*fields)).read(document)
    return record.values


def records_of(values: dict[str, Any]) -> tuple[ReadRecord, ...]:
    """The record of a page with these values of its plain fields."""
    return (ReadRecord(collection=PAGES, values=values),)
