"""What the fields of a seed had last: a value of each, for whoever changes its rules."""

from __future__ import annotations

from typing import Any

from catalog.models import Record, Seed


def last_values(seed: Seed) -> dict[str, dict[str, Any]]:
    """By collection, the values of its newest record; one look into the index for each."""
    values = {}
    for collection in seed.policy().collections if seed.pk else ():
        rows = Record.objects.filter(seed=seed, collection=collection.name).order_by("-id")
        if (newest := rows.values_list("values", flat=True).first()) is not None:
            values[collection.name] = newest
    return values
