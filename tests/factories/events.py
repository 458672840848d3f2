"""Events, as the path writes them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from catalog.models import Event, Seed
from tests.factories.rows import NOW

_numbers = count(1)


def new_event(seed: Seed, **values: Any) -> Event:
    """A price of Assam that fell from 12.50 to 9.90 EUR, each a second after the one before."""
    defaults: dict[str, Any] = {
        "kind": Event.Kind.FIELD_CHANGED,
        "at": NOW + timedelta(seconds=next(_numbers)),
        "collection": "products",
        "field": "price",
        "subject": "Assam",
        "url": "http://shop.example/p/1",
    }
    if values.get("kind", Event.Kind.FIELD_CHANGED) == Event.Kind.FIELD_CHANGED:
        defaults |= {"before": _euros(12.5), "after": _euros(9.9), "difference": -2.6, "percent": -20.8}
    else:
        defaults |= {"field": ""}
    return Event(seed=seed, **(defaults | values))


def make_event(seed: Seed, **values: Any) -> Event:
    """An event as :func:`new_event` has it, saved."""
    event = new_event(seed, **values)
    event.save(force_insert=True)
    return event


def _euros(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}
