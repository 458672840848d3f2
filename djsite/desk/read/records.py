"""Records: a seed's extracted fields as a table."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.models import Record, Seed
from djsite.desk.read.history import field_names


def list_records(seed: int) -> QuerySet[Record]:
    """A seed's records, one a version, with their page's address and their version's time."""
    return (
        Record.objects.filter(seed=seed)
        .newest()
        .select_related("page", "snapshot")
        .only("data", "page__url", "snapshot__fetched_at")
    )


def columns_of(seed: Seed, records: Iterable[Record]) -> list[str]:
    """The seed's fields, and those that these records have besides, by older rules."""
    return field_names([{rule["name"]: None for rule in seed.fields}, *(record.data for record in records)])
