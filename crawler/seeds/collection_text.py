"""Collections as people write them: a JSON object, or a list of such; with a sentence for each mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.collections import Collection, Field
from crawler.seeds import collection_checks
from crawler.seeds.json_text import read_json

MOST_CHARACTERS = 100_000
_NAME = re.compile(r"[^\W\d]\w{0,59}")


def read_collections(text: str) -> list[Collection]:
    """The collections of a text; none of an empty one. ValueError with a sentence for people about the first
    mistake."""
    if not text.strip():
        return []
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"That is longer than {MOST_CHARACTERS:,} characters.")
    plain = read_json(text)
    entries = [plain] if isinstance(plain, Mapping) else plain
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ValueError('Write a collection as a JSON object, such as {"name": "products", "fields": […]}.')
    collections = [_collection(entry) for entry in entries]
    names = [collection.name for collection in collections]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"The name {name!r} is used twice. Give each collection a name of its own.")
    return collections


def written(collections: list[Collection]) -> str:
    """The text that :func:`read_collections` reads; empty without collections."""
    plain = [collection.plain() for collection in collections]
    return json.dumps(plain[0] if len(plain) == 1 else plain, indent=2, ensure_ascii=False) if plain else ""


def _collection(plain: Mapping[str, Any]) -> Collection:
    collection = Collection.of(plain)
    _check_name(collection.name, "a collection's name")
    if collection.extractor:
        return Collection.of(collection_checks.collection(plain))
    if not collection.fields:
        raise ValueError(f"The collection {collection.name!r} has no fields. Give it at least one.")
    names = [field.name for field in collection.fields]
    for field in _all_fields(collection.fields):
        _check_name(field.name, "a field's name")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"The name {name!r} is used twice in {collection.name!r}. Give each field its own."
            )
    if unknown := [name for name in collection.key if name not in names]:
        raise ValueError(
            f"The key of {collection.name!r} names {unknown[0]!r}, which is none of its fields: "
            f"{', '.join(names)}."
        )
    return collection


def _all_fields(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _all_fields(field.fields)


def _check_name(name: str, what: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be {what}. Use letters, digits and underscores, a letter first.")
