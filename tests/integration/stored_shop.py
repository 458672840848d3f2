"""A shop that two runs have stored without rules; then somebody has written rules. For tests of rereading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.models import Rereading, Seed
from pipelines.rereading import ask, go_on, promote, read_part, sightings, slices, steps
from tests.factories import NOW, Got, crawl, make_seed

SITE = "http://shop.example"
DAY = timedelta(days=1)
LATER, LAST = NOW + 2 * DAY, NOW + 3 * DAY
PRODUCTS = {
    "name": "products",
    "items": {"css": "li"},
    "key": ["sku"],
    "fields": [{"name": "sku", "css": "b"}, {"name": "price", "css": "i"}],
}


def items(**prices: str) -> str:
    rows = (f"<li><b>{sku}</b> <i>{price}</i> <u>{price}!</u></li>" for sku, price in prices.items())
    return f"<ul>{''.join(rows)}</ul>"


def stored_shop(patch: pytest.MonkeyPatch) -> Seed:
    """Four pages, two of them in two versions. Parts and slices are as small as can be."""
    patch.setattr(slices, "KEYS", 2)
    patch.setattr(slices, "SIGHTINGS", 2)
    patch.setattr(sightings, "PAGES", 2)
    patch.setattr(sightings, "VERSIONS", 1)
    patch.setattr(steps, "PART_PAGES", 2)
    seed = make_seed("Shop", start_urls=f"{SITE}/", fields=[])
    pages = {"a": items(lamp="1", desk="2"), "b": items(lamp="1"), "c": items(sofa="5"), "d": items()}
    crawl(seed, [Got(f"{SITE}/{name}", text=text) for name, text in pages.items()], at=NOW)
    later = {"a": items(desk="3"), "c": items(rug="9")}
    crawl(seed, [Got(f"{SITE}/{name}", text=text) for name, text in later.items()], at=NOW + DAY)
    return with_rules(seed, PRODUCTS)


def with_rules(seed: Seed, *collections: dict[str, Any]) -> Seed:
    seed.collections = list(collections)
    seed.save()
    return seed


def with_other_price(seed: Seed) -> Seed:
    fields = [{"name": "sku", "css": "b"}, {"name": "price", "css": "u"}]
    return with_rules(seed, {**PRODUCTS, "fields": fields})


def work(rereading: Rereading, now: datetime = LATER) -> Rereading:
    """All that can be done at a moment."""
    for _ in range(100):
        more = go_on(rereading.pk, now)
        if not read_part(rereading.pk, now) and not more:
            break
    rereading.refresh_from_db()
    return rereading


def work_on(rereading: Rereading, rounds: int = 20) -> Rereading:
    """All that can be done, again and again when leases have run out."""
    for number in range(rounds):
        work(rereading, LATER + number * timedelta(minutes=5))
    return rereading


def one_slice(rereading: Rereading) -> bool:
    """A worker that has to stop after one slice; whether there is another."""
    return go_on(rereading.pk, LATER, _after(1))


def _after(calls: int) -> Callable[[], bool]:
    stops = iter([False] * calls)
    return lambda: next(stops, True)


def used(seed: Seed, **values: Any) -> Rereading:
    """A rereading of all, promoted."""
    rereading = work(ask(seed, LATER, **values))
    promote(rereading)
    return work(rereading)
