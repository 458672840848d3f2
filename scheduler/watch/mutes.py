"""Muted seeds: a person has seen what is wrong with one, and wants to hear no more of it for some days.

They are one row (a chore's result): few, and no crawl reads them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from catalog.models import Chore

NAME = "muted seeds"


def muted(now: datetime) -> dict[int, datetime]:
    """The muted seeds by id, and until when. Costs one query."""
    row = Chore.objects.filter(name=NAME).first()
    return _in_force(row.result, now) if row else {}


@transaction.atomic
def mute(seed_id: int, until: datetime | None, now: datetime) -> None:
    """Mute a seed until a moment; with None, tell of it again."""
    Chore.objects.get_or_create(name=NAME)
    row = Chore.objects.select_for_update().get(name=NAME)
    kept = _in_force(row.result, now)
    kept.pop(seed_id, None)
    if until is not None:
        kept[seed_id] = until
    row.result = {str(pk): moment.isoformat() for pk, moment in kept.items()}
    row.save(update_fields=["result"])


def _in_force(result: dict[str, str], now: datetime) -> dict[int, datetime]:
    moments = {int(pk): datetime.fromisoformat(text) for pk, text in result.items()}
    return {pk: moment for pk, moment in moments.items() if moment > now}
