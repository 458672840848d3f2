"""How far the index of words is, for people."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from catalog.models import ChangeSet, Page
from pipelines.search.indexing import place, sets_beyond

MANY = 10_000  # pages are counted up to here


class Progress(NamedTuple):
    """How many pages are to go, at most one more than :data:`MANY`."""

    left: int
    upto: datetime | None  # what changed until then is found; None: nothing is yet
    since: datetime | None  # when the oldest change was made that is to go

    @property
    def is_whole(self) -> bool:
        return not self.left


def progress() -> Progress:
    """Up to now."""
    here = place()
    pages = Page.objects.filter(changed_in__in=sets_beyond(here).values("pk"))
    left = pages[: MANY + 1].count()
    upto = ChangeSet.objects.filter(number=here.number).values_list("created_at", flat=True).first()
    return Progress(left, upto, waiting_since() if left else None)


def waiting_since() -> datetime | None:
    """When the oldest change was made that the index does not have; None if it has all."""
    numbered = ChangeSet.objects.filter(number__gt=place().number).order_by("number")
    unnumbered = ChangeSet.objects.filter(number=None).order_by("pk")
    oldest = numbered.first() or unnumbered.first()
    return oldest.created_at if oldest else None
