"""A shop. Traps: advertisements that look like products, other products' prices beside a product, struck old
prices, prices from, ranges, prices on request, sold out, products without brand, several currencies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.fakeweb.sites.facts import Money, changes, day_of, dice_of, name_of, prose
from tests.fakeweb.sites.shop_designs import DESIGNS
from tests.fakeweb.sites.shop_facts import Offer, Product
from tests.fakeweb.sites.site import FactSite

_FORMS = ("plain", "plain", "plain", "from", "plain", "range", "plain", "plain", "request")
_SELLERS = ("Kontor Nord", "Smith & Sons", "Librería Sur")


@dataclass
class Shop(FactSite[Product]):
    """Products, on lists and on their own pages with the offers of sellers."""

    name = "shop"
    designs = DESIGNS

    def fact(self, number: int, revision: int) -> Product:
        dice = dice_of("shop", number, changes(number, revision))
        fixed = dice_of("shop", number)
        currency = {5: "USD", 11: "GBP"}.get(number % 12, "EUR")
        price = Money(dice.randint(500, 250_000), currency)
        form = _FORMS[number % len(_FORMS)]
        offers = [Offer(seller, Money(price.cents + fixed.randint(0, 900), currency)) for seller in _SELLERS]
        return Product(
            number=number,
            sku=f"SK-{number + 1:05}",
            name=name_of(number) + (" & Lid" if number % 6 == 0 else ""),
            brand=None if number % 7 == 3 else fixed.choice(("Höfer", "Nordlys", "O'Dell & Co")),
            price=None if form == "request" else price,
            form=form,
            old=Money(price.cents * 5 // 4, currency) if form == "plain" and number % 5 == 1 else None,
            available=dice.random() > 0.2,
            text=prose("shop", number, sentences=3),
            since=day_of(number),
            offers=tuple(offers[: number % 4]),
        )

    def list_values(self, fact: Product) -> dict[str, Any]:
        return {
            "sku": fact.sku,
            "name": fact.name,
            "price": fact.price and fact.price.value,
            "old": fact.old and fact.old.value,
            "available": fact.available,
            "url": self.base + fact.path,
            "image": self.base + fact.image,
        }

    def item_values(self, fact: Product) -> dict[str, Any]:
        return {
            "sku": fact.sku,
            "name": fact.name,
            "brand": fact.brand,
            "price": fact.price and fact.price.value,
            "since": date.isoformat(fact.since),
            "text": fact.text,
            "offers": [{"seller": offer.seller, "price": offer.price.value} for offer in fact.offers],
        }
