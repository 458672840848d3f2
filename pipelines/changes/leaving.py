"""Records whose page is gone: they are at home on another page that holds them, or are gone with it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from catalog.models import Page, Record
from catalog.sql.bulk import update_each


def leave_pages(page_ids: Collection[int], change_set_id: int, now: datetime) -> None:
    """Take records away from pages that are gone. Call it in the transaction that says so of the pages."""
    leave(Record.objects.filter(page__in=page_ids), change_set_id, now)


def leave(records: QuerySet[Record], change_set_id: int, now: datetime) -> None:
    """Take records away from their homes, which hold them no more."""
    there = records.filter(gone_at=None).select_for_update().order_by("pk")
    rows = list(there.only("page_id", "also_on", "gone_at", "changed_in_id"))
    homes = _left({page_id for row in rows for page_id in row.also_on})
    moved, gone = [], []
    for row in rows:
        left = [page_id for page_id in row.also_on if page_id in homes]
        if left:
            row.page_id, row.also_on = left[0], left[1:]
            moved.append(row)
        else:
            row.gone_at, row.changed_in_id, row.also_on = now, change_set_id, []
            gone.append(row)
    update_each(moved, ["page", "also_on"])
    update_each(gone, ["gone_at", "changed_in", "also_on"])


def _left(page_ids: Collection[int]) -> set[int]:
    """Those of these pages that are not gone."""
    return set(Page.objects.filter(pk__in=page_ids, gone_at=None).values_list("pk", flat=True))
