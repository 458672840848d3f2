"""The pages of the demo's shop, as functions of the path and of the clock's half minute."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SLOW = "/about/warehouse"  # answers after some seconds
BROKEN = "/catalogue-2019"
FORBIDDEN = "/staff/cost-prices"
SALE = 5  # one price in so many is a fifth lower, so that there is something to be told of

CATEGORIES = {  # title, description, products
    "kettles": ("Kettles", "For tea at any hour", "Amber Basalt Cobalt Dune Ember Fjord Garnet Harbour"),
    "lamps": ("Lamps", "For long evenings", "Aurora Beacon Candela Dusk Equinox Firefly Glow Halo"),
    "chairs": ("Chairs", "To sit and stay", "Alder Birch Cedar Dogwood Elm Fir Gorse Hazel"),
    "mugs": ("Mugs", "Thrown by hand", "Atlas Brook Cliff Delta Estuary Fell Glen Heath"),
    "clocks": ("Clocks", "They keep quiet", "Apogee Bell Chime Dial Epoch Fathom Gnomon Hour"),
}
NEWS = {
    "a-second-kiln": ("A second kiln", "The pottery has room for twice the mugs, and for an apprentice."),
    "chairs-for-the-library": ("Chairs for the library", "Forty chairs went to the reading room."),
    "lamps-that-last": ("Lamps that last", "Every lamp now opens with a coin, so that anybody can mend it."),
    "open-saturday": ("Open on Saturday", "Come and see how a kettle is made. There will be tea."),
    "prices-explained": ("Our prices, explained", "They follow the cost of the day, in the open."),
    "the-quiet-clock": ("The quiet clock", "A movement without a tick, two years in the making."),
    "winter-hours": ("Winter hours", "From December the shop opens at ten and closes when it is dark."),
    "wood-from-nearby": ("Wood from nearby", "All our chairs grow within sight of the church tower."),
}
ABOUT = {
    "/about/": ("About us", "Five makers share one roof, one kiln and one cat."),
    SLOW: ("The warehouse", "This page counts every shelf before it answers. Thank you for waiting."),
    "/about/delivery": ("Delivery", "By bicycle in town, by post elsewhere, within three days."),
    "/about/repairs": ("Repairs", "We mend what we made, whatever its age."),
}
STYLE = """
:root { color-scheme: light dark;
  --ink: #23201c; --paper: #faf7f2; --line: #e2dacd; --accent: #a4492b; --soft: #736a5e }
@media (prefers-color-scheme: dark) { :root {
  --ink: #ece6dc; --paper: #1d1a17; --line: #3a342d; --accent: #e08a66; --soft: #a2988a } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; font: 1rem/1.6 Georgia, serif;
  color: var(--ink); background: var(--paper) }
a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: .2em }
header, footer { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; align-items: baseline;
  border-bottom: 1px solid var(--line); padding-bottom: .8rem }
footer { border: 0; border-top: 1px solid var(--line); margin-top: 3rem; padding-top: .8rem;
  color: var(--soft); font-size: .9rem }
.brand { font-size: 1.3rem; font-weight: bold; text-decoration: none; margin-right: auto }
h1 { font-weight: normal; font-size: 2.2rem; line-height: 1.2; margin: 2rem 0 .5rem }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1rem;
  padding: 0; list-style: none }
.grid a { display: block; height: 100%; padding: 1rem; border: 1px solid var(--line);
  border-radius: .6rem; text-decoration: none }
.grid a:hover { border-color: var(--accent) }
.lead, .soft { color: var(--soft) }
.price { font-size: 1.7rem; color: var(--accent); font-variant-numeric: tabular-nums }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem }
dt { color: var(--soft) }
dd { margin: 0 }
"""


@dataclass(frozen=True)
class Product:
    """Something for sale; ``number`` counts over the whole shop."""

    number: int
    category: str
    name: str

    @property
    def path(self) -> str:
        return f"/{self.category}/{self.name.lower()}"

    @property
    def title(self) -> str:
        return f"{self.name} {CATEGORIES[self.category][0].lower().removesuffix('s')}"

    def price(self, period: int) -> str:
        """In a given half minute: a third changes from one to the next, some of it into a sale."""
        step = (period + self.number) // 3
        cents = 1500 + self.number * 735 + (step * 7919 + self.number * 104_729) % 400
        if (step + self.number) % SALE == 0:
            cents = cents * 8 // 10
        return f"{cents / 100:.2f}"

    @property
    def stock(self) -> int:
        return self.number * 13 % 40 + 1


PRODUCTS = {
    product.path: product
    for product in (
        Product(at * 8 + index, category, name)
        for at, (category, (_, _, names)) in enumerate(CATEGORIES.items())
        for index, name in enumerate(names.split())
    )
}


def page(path: str, period: int) -> str | None:
    """The HTML of a path in a half minute, or None when the shop has no such page."""
    if path in PRODUCTS:
        return _product(PRODUCTS[path], period)
    if path == "/":
        return _layout("The Five Makers", "Things for the house, made in one small town.", _front())
    if path.strip("/") in CATEGORIES and path.endswith("/"):
        return _category(path.strip("/"))
    if path == "/news/":
        links = "".join(_card(f"/news/{slug}", title, "Read on") for slug, (title, _) in NEWS.items())
        return _layout("News", "What happens under our roof.", f'<ul class="grid">{links}</ul>')
    if path.startswith("/news/") and path.removeprefix("/news/") in NEWS:
        title, text = NEWS[path.removeprefix("/news/")]
        return _layout(title, text, '<p><a href="/news/">All news</a></p>')
    if path in ABOUT:
        title, text = ABOUT[path]
        return _layout(title, text, _links(ABOUT))
    return "<!doctype html><title>Cost prices</title>Not for crawlers." if path == FORBIDDEN else None


def _front() -> str:
    cards = "".join(_card(f"/{slug}/", title, lead) for slug, (title, lead, _) in CATEGORIES.items())
    return (
        f'<ul class="grid">{cards}</ul>'
        f'<p class="soft">Still here: the <a href="{BROKEN}">catalogue of 2019</a>. '
        f'For staff: <a href="{FORBIDDEN}">cost prices</a>.</p>'
    )


def _category(slug: str) -> str:
    title, lead, _ = CATEGORIES[slug]
    inside = [product for product in PRODUCTS.values() if product.category == slug]
    cards = "".join(_card(product.path, product.title, f"No. {product.number + 1}") for product in inside)
    return _layout(title, f"{lead}.", f'<ul class="grid">{cards}</ul>')


def _product(product: Product, period: int) -> str:
    similar = [other for other in PRODUCTS.values() if other.category == product.category][:3]
    links = " · ".join(f'<a href="{other.path}">{other.title}</a>' for other in similar if other != product)
    body = (
        f'<p class="price" data-price="{product.price(period)}">€ {product.price(period)}</p>'
        f'<dl><dt>Number</dt><dd class="sku">FM-{product.number + 1:03d}</dd>'
        f'<dt>In stock</dt><dd class="stock">{product.stock}</dd>'
        f'<dt>Kind</dt><dd><a href="/{product.category}/">{CATEGORIES[product.category][0]}</a></dd></dl>'
        f'<p class="soft">See also {links}</p>'
    )
    return _layout(product.title, f"One of our {product.category}, made to be mended.", body)


def _card(path: str, title: str, text: str) -> str:
    words = f'<strong>{html.escape(title)}</strong><br><span class="soft">{html.escape(text)}</span>'
    return f'<li><a href="{path}">{words}</a></li>'


def _links(pages: Mapping[str, tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="{path}">{title}</a></li>' for path, (title, _) in pages.items())
    return f"<ul>{items}</ul>"


def _nav(items: Sequence[tuple[str, str]]) -> str:
    return " ".join(f'<a href="{path}">{title}</a>' for path, title in items)


def _layout(title: str, lead: str, body: str) -> str:
    menu = _nav([(f"/{slug}/", names[0]) for slug, names in CATEGORIES.items()])
    foot = _nav([("/news/", "News"), *((path, name) for path, (name, _) in ABOUT.items())])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>"
        f'<header><a class="brand" href="/">The Five Makers</a> {menu}</header>'
        f'<main><h1>{html.escape(title)}</h1><p class="lead">{html.escape(lead)}</p>{body}</main>'
        f"<footer>{foot}</footer></body></html>"
    )
