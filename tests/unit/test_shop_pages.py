"""The demo's shop: every link leads somewhere, and a third of the prices change every half minute."""

from __future__ import annotations

import html
import re

import pytest

from embedded.programs import shop_pages
from embedded.programs.shop_pages import BROKEN, CATEGORIES, FORBIDDEN, NEWS, PRODUCTS, SLOW, page

PERIOD = 59_000_000  # one of the half minutes of our days


def links(path: str) -> set[str]:
    return set(re.findall(r'href="([^"]*)"', page(path, PERIOD) or ""))


def reached() -> set[str]:
    """Every path that a crawler comes to from the front page."""
    seen: set[str] = set()
    waiting = {"/"}
    while waiting:
        seen |= waiting
        waiting = set().union(*map(links, waiting)) - seen
    return seen


def test_every_page_is_reached_from_the_front_page_and_no_link_is_dead():
    paths = reached()
    assert paths >= {"/", "/news/", SLOW, BROKEN, FORBIDDEN, *PRODUCTS, *shop_pages.ABOUT}
    assert paths >= {f"/{slug}/" for slug in CATEGORIES} | {f"/news/{slug}" for slug in NEWS}
    assert {path for path in paths if page(path, PERIOD) is None} == {BROKEN}
    assert 55 <= len(paths) <= 65


@pytest.mark.parametrize(
    "path", ["", "/kettles", "/kettles/nothing", "/news", "/news/x", "/about", "/KETTLES/"]
)
def test_other_paths_have_no_page(path):
    assert page(path, PERIOD) is None


def test_each_page_has_a_title_of_its_own():
    titles = [
        re.findall("<title>(.*?)</title>", page(path, PERIOD) or "")[0] for path in reached() - {BROKEN}
    ]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("path", sorted(PRODUCTS))
def test_a_product_shows_what_it_is(path):
    product, text = PRODUCTS[path], html.unescape(page(path, PERIOD) or "")
    price = product.price(PERIOD)
    assert path == product.path
    assert f"<h1>{product.title}</h1>" in text
    assert f'<p class="price" data-price="{price}">€ {price}</p>' in text
    assert f'<dd class="sku">FM-{product.number + 1:03d}</dd>' in text
    assert f'<dd class="stock">{product.stock}</dd>' in text
    assert path not in links(path)
    assert re.fullmatch(r"\d{2,3}\.\d\d", price)
    assert 1 <= product.stock <= 40


def test_products_are_numbered_through_the_shop():
    assert [product.number for product in PRODUCTS.values()] == list(range(40))
    assert PRODUCTS["/lamps/dusk"].title == "Dusk lamp"
    assert {product.category for product in PRODUCTS.values()} == set(CATEGORIES)


def test_a_third_of_the_prices_changes_from_one_half_minute_to_the_next():
    def changed(period: int) -> set[str]:
        return {path for path, item in PRODUCTS.items() if item.price(period) != item.price(period + 1)}

    turns = [changed(PERIOD + number) for number in range(3)]
    assert all(13 <= len(turn) <= 14 for turn in turns)
    assert set.union(*turns) == set(PRODUCTS)
    assert sum(map(len, turns)) == len(PRODUCTS)


def test_nothing_but_the_price_depends_on_the_clock():
    for path in reached() - set(PRODUCTS):
        assert page(path, PERIOD) == page(path, PERIOD + 1)
    for path, product in PRODUCTS.items():
        later = (page(path, PERIOD + 3) or "").replace(product.price(PERIOD + 3), product.price(PERIOD))
        assert page(path, PERIOD) == later


def test_what_is_said_is_escaped():
    assert "<script>" not in shop_pages._layout("<script>", "<script>", "")
