"""A seed whose records tests write, a receiver in memory for its outlets, and the work of workers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from catalog.models import Outlet, Page, Seed, Shipment
from pipelines import shipping
from pipelines.shipping import Step, places
from tests.factories import NOW, Got, crawl, make_seed
from tests.factories.outlets import RECEIVER, Receiver

URL = "http://shop.example/"
FIELDS = [
    {"name": "price", "css": "b::text", "type": "number"},
    {"name": "since", "css": "i::text", "type": "date"},
]


@pytest.fixture
def seed(archive: Path) -> Seed:
    """A seed with one page and no records; its rules name a price and a date."""
    seed = make_seed("Shop", start_urls=URL, fields=[])
    crawl(seed, [Got(URL)])
    Page.objects.update(changed_in=None, new_in=None)
    set_rules(seed, FIELDS)
    return seed


def set_rules(seed: Seed, fields: list[dict[str, str]]) -> None:
    """The rules of its lamps."""
    seed.collections = [{"name": "lamps", "fields": fields}]
    seed.save()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """The place ``memory``, which has got nothing."""
    monkeypatch.setitem(places.PLACES, "memory", "tests.factories.outlets:RECEIVER")
    RECEIVER.__init__()
    return RECEIVER


def work(now: datetime) -> None:
    """Do all that can be done now."""
    while todo := shipping.work_to_do(now):
        for outlet_id, step in todo:
            if step == Step.MAKE:
                shipping.make_shipment(outlet_id, now)
            else:
                shipping.send_shipments(outlet_id, now)


def send(outlet: Outlet, now: datetime = NOW) -> Shipment:
    """Order one by hand and do the work."""
    shipment = shipping.order(outlet, Shipment.Cause.HAND, now)
    work(now)
    shipment.refresh_from_db()
    outlet.refresh_from_db()
    return shipment
