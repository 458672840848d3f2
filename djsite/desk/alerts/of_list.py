"""From a list of what changed to an alert on the same."""

from __future__ import annotations

from typing import Any

from django.utils.http import urlencode

from catalog.models import Alert, KeptView
from pipelines.telling.filters import DOWN, UP, EventFilter

Condition = Alert.Condition
_BY_KIND = {"new": Condition.RECORD_NEW, "gone": Condition.RECORD_GONE, "changed": Condition.FIELD_CHANGED}
_BY_DIRECTION = {UP: Condition.FIELD_UP, DOWN: Condition.FIELD_DOWN}


def alert_query(wanted: EventFilter, view: KeptView | None) -> str:
    """What the form of an alert begins with; empty if only an alert on a kept view could say it."""
    if view is not None:
        return urlencode({"view": str(view.pk), "condition": str(Condition.ANYTHING)})
    if wanted.text or len(wanted.kinds) > 1 or not wanted.kinds <= _BY_KIND.keys():
        return ""
    least = wanted.percent if wanted.percent is not None else wanted.least
    conditions = [_BY_KIND[kind] for kind in wanted.kinds]
    if wanted.direction or least is not None:
        conditions = [_BY_DIRECTION.get(wanted.direction, Condition.FIELD_CHANGED)]
    boxes: dict[str, Any] = {
        "condition": next(iter(conditions), ""),
        "seed": wanted.seed,
        "collection": wanted.collection,
        "field": wanted.field,
        "least": None if least is None else f"{least:g}",
        "in_percent": None if least is None else wanted.percent is not None,
    }
    given: dict[str, str | int] = {name: value for name, value in boxes.items() if value not in (None, "")}
    return urlencode(given)
