"""Records: the things of a seed's collection as a table."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.models import Record, Seed
from djsite.desk.read.history import field_names


def list_records(seed: int, collection: str) -> QuerySet[Record]:
    """The records of a collection of a seed, gone ones too, with their page's address."""
    return (
        Record.objects.filter(seed=seed, collection=collection)
        .select_related("page")
        .only(
            *("key", "position", "values", "problems", "snapshot"),
            *("last_seen_at", "last_changed_at", "gone_at"),
            *("page__url", "page__last_fetched_at"),
        )
    )


def collections_of(seed: Seed) -> list[str]:
    """The names of a seed's collections: those in force, and those that records have besides."""
    in_force = [collection.name for collection in seed.policy().collections]
    return list(dict.fromkeys([*in_force, *_kept(seed)]))


def _kept(seed: Seed) -> list[str]:
    """Each name by one look into the index, whatever the number of records."""
    names: list[str] = []
    rows = Record.objects.filter(seed=seed).order_by("collection")
    while name := rows.filter(collection__gt=names[-1] if names else "").values_list("collection").first():
        names.append(name[0])
    return names


def columns_of(seed: Seed, collection: str, records: Iterable[Record]) -> list[str]:
    """The collection's fields, and those that these records have besides, by older rules."""
    in_force = (each for each in seed.policy().collections if each.name == collection)
    fields = {field.name: None for each in in_force for field in each.fields}
    return field_names([fields, *(record.values for record in records)])
