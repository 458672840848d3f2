"""What a batch may finish: its own visits that nobody has taken from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from catalog.models import Batch, Visit
from pipelines.handover import Fetched


class Work(NamedTuple):
    """What the row of a visit adds to what its fetch says."""

    id: int
    host_id: int
    fingerprint: int
    lastmod: datetime | None


def work_of(batch: Batch, fetched: Sequence[Fetched]) -> dict[int, Work]:
    """By visit id, the visits that this batch may finish."""
    mine = Visit.objects.filter(
        pk__in=[record.visit_id for record in fetched], batch=batch, state=Visit.State.FETCHED
    )
    return {row[0]: Work(*row) for row in mine.values_list(*Work._fields)}
