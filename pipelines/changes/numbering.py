"""Numbers for change sets: given after their commit, by one transaction at a time.

Two transactions may commit in another order than their ids were given, so a reader that went by ids could
pass one that commits later. A number is given to committed sets only. Numbering is exclusive, and its own
commit shows the new numbers together: who sees a number sees all lower ones, and no set that commits later
gets one of them. Whoever reads the feed numbers first; no process has to run for that.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max, QuerySet

from catalog.models import ChangeSet
from catalog.sql import bulk
from catalog.sql.turns import NUMBER_SETS, wait_for_turn

AT_ONCE = 5_000  # sets that one transaction numbers, so that it is short


def number_sets() -> int:
    """Number all sets that are committed; the highest number there is."""
    while _number_some() == AT_ONCE:
        pass
    return _highest()


@transaction.atomic
def _number_some() -> int:
    if not _unnumbered().exists():
        return 0
    wait_for_turn(NUMBER_SETS)
    ids = list(_unnumbered().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])  # after the wait
    first = _highest() + 1
    bulk.update(ChangeSet, ("number", "id"), list(zip(range(first, first + len(ids)), ids, strict=True)))
    return len(ids)


def _unnumbered() -> QuerySet[ChangeSet]:
    return ChangeSet.objects.filter(number=None)


def _highest() -> int:
    number: int | None = ChangeSet.objects.aggregate(highest=Max("number"))["highest"]
    return number or 0
