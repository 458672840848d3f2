"""What the shop knows of its products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tests.fakeweb.sites.facts import Money
from tests.fakeweb.sites.site import Fact


class Offer(NamedTuple):
    """What a seller wants for a product."""

    seller: str
    price: Money


@dataclass(frozen=True)
class Product(Fact):
    """A product; ``form`` says how its price is written: plain, from, range or request."""

    number: int
    sku: str
    name: str
    brand: str | None
    price: Money | None
    form: str
    old: Money | None
    available: bool
    text: str
    since: date
    offers: tuple[Offer, ...]

    @property
    def slug(self) -> str:
        return self.sku.lower()

    @property
    def image(self) -> str:
        return f"/img/{self.slug}.jpg"

    @property
    def highest(self) -> Money:
        """The upper end of a range of prices."""
        price = self.price or Money(0)
        return Money(price.cents + 1000, price.currency)
