"""Pages of three kinds of sites, made in the process: articles, products of a shop, lists of products.

Each page has revisions: a planted edit changes one sentence, one value, one link or one title. What a noise
adds stands in the slots of a page, and is the business of :mod:`benchmarks.change.noises`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import NamedTuple, TypeVar

from crawler.collections import Collection

EDITS = ("sentence", "value", "link", "title")
Item = TypeVar("Item")
_WORDS = (
    *("harvest", "leaves", "morning", "garden", "river", "autumn", "water", "island", "merchant", "season"),
    *("flavour", "mountain", "village", "winter", "letter", "kitchen", "silver", "market", "evening"),
    *("branch", "copper", "window", "journey", "meadow", "summer", "harbour", "basket", "shadow"),
)
_VERBS = ("brings", "keeps", "follows", "changes", "carries", "remembers", "colours", "shortens")


@dataclass(frozen=True)
class Site:
    """A site of one template."""

    name: str
    edits: tuple[str, ...]  # in turn
    rules: tuple[Collection, ...] = ()

    def url(self, page: int) -> str:
        return f"http://{self.name}.test/{self.name}/{page}.html"


class Facts(NamedTuple):
    """What a page says in a revision; each item is of a list, or one product."""

    title: str
    sentences: list[str]
    items: list[tuple[str, str, str]]  # name, price, target


class Slots(NamedTuple):
    """Markup that a noise adds to a page."""

    head: str = ""
    top: str = ""
    meta: str = ""
    inline: str = ""
    side: str = ""
    foot: str = ""
    variant: str = "a"  # of the layout


NO_NOISE = Slots()


def _rules(items: str = "") -> tuple[Collection, ...]:
    fields = [{"name": "name", "css": ".name"}, {"name": "price", "css": ".price"}]
    plain = {"name": "products", "fields": fields} | ({"items": {"css": items}} if items else {})
    return (Collection.of(plain),)


SITES = (
    Site("articles", ("sentence", "link", "title", "sentence")),
    Site("shop", ("value", "sentence", "value", "title"), _rules()),
    Site("lists", ("value", "link", "value", "title"), _rules(".product")),
)


def sentence(dice: Random) -> str:
    """A sentence of some ten words."""
    one, two, three, four = dice.sample(_WORDS, 4)
    return f"The {one} of the {two} {dice.choice(_VERBS)} the {three} near the {four}."


@lru_cache(maxsize=4096)
def facts(site: Site, page: int, revision: int) -> Facts:
    """The facts of a page: those of the revision before, with one edit."""
    if not revision:
        return _first_facts(site, page)
    before, edit = facts(site, page, revision - 1), site.edits[(revision - 1) % len(site.edits)]
    dice = Random(f"{site.name} {page} {revision}")
    if edit == "title":
        return before._replace(title=f"{before.title.partition(',')[0]}, {dice.choice(_WORDS)} {revision}")
    if edit == "sentence":
        at = dice.randrange(len(before.sentences))
        return before._replace(sentences=_with(before.sentences, at, sentence(dice)))
    at = dice.randrange(len(before.items))
    name, price, target = before.items[at]
    item = (
        (name, _price(dice, price), target) if edit == "value" else (name, price, f"/new/{page}-{revision}")
    )
    return before._replace(items=_with(before.items, at, item))


def edit_of(site: Site, revision: int) -> str:
    """The kind of the edit that made a revision."""
    return site.edits[(revision - 1) % len(site.edits)]


def _with(values: list[Item], at: int, value: Item) -> list[Item]:
    return [*values[:at], value, *values[at + 1 :]]


def _price(dice: Random, unlike: str) -> str:
    price = f"{dice.randrange(500, 9000) / 100:.2f} €"
    return price if price != unlike else _price(dice, unlike)


def _first_facts(site: Site, page: int) -> Facts:
    dice = Random(f"{site.name} {page}")
    names = [f"{dice.choice(_WORDS).title()} {dice.choice(_WORDS)} {at}" for at in range(12)]
    items = [(name, _price(dice, ""), f"/item/{page}-{at}") for at, name in enumerate(names)]
    title = f"{dice.choice(_WORDS).title()} {dice.choice(_WORDS)} {page}"
    return Facts(title, [sentence(dice) for _ in range(24)], items)


def markup(site: Site, page: int, revision: int, slots: Slots) -> str:
    """A page as it is answered."""
    says = facts(site, page, revision)
    main = f'<main class="content">{_MAINS[site.name](says, slots)}</main>'
    topics = '<ul class="topics"><li>Tea<li>Coffee</ul>'
    side = f'<aside class="rail"><h2>More to see</h2>{slots.side}{topics}</aside>'
    body = main + side if slots.variant == "a" else f'<div class="grid">{side}{main}</div>'
    menu = '<header><a href="/">Home</a><nav><a href="/a">All</a> <a href="/b">New</a></nav></header>'
    imprint = f'<p class="imprint">Imprint of {site.name}, since 1987</p>'
    return (
        f"<!doctype html><html><head><title>{says.title} - {site.name}</title>{slots.head}</head><body>"
        f"{menu}{slots.top}{body}<footer>{imprint}{slots.foot}</footer></body></html>"
    )


def _article(says: Facts, slots: Slots) -> str:
    paragraphs = [" ".join(says.sentences[at : at + 4]) for at in range(0, len(says.sentences), 4)]
    links = " ".join(f'<a href="{target}">{name}</a>' for name, _, target in says.items[:12])
    return (
        f'<article><h1>{says.title}</h1><p class="byline">By Ann Lee {slots.meta}</p>'
        f"<p>{paragraphs[0]}</p>{slots.inline}{''.join(f'<p>{each}</p>' for each in paragraphs[1:])}"
        f"<p>Read also: {links}</p></article>"
    )


def _product(says: Facts, slots: Slots) -> str:
    name, _, target = says.items[0]
    prices = " ".join(price for _, price, _ in says.items)
    return (
        f'<h1 class="name">{says.title}</h1><p class="price">{prices}</p>'
        f'<p class="facts">{name} {slots.meta}</p>'
        f'{slots.inline}<div class="description"><p>{" ".join(says.sentences)}</p></div>'
        f'<a class="maker" href="{target}">The maker</a>'
    )


def _list(says: Facts, slots: Slots) -> str:
    items = "".join(
        f'<li class="product"><a class="name" href="{target}">{name}</a> <b class="price">{price}</b></li>'
        for name, price, target in says.items
    )
    intro = " ".join(says.sentences[:3])
    return f"<h1>{says.title}</h1><p>{intro} {slots.meta}</p>{slots.inline}<ul class=products>{items}</ul>"


_MAINS: Mapping[str, Callable[[Facts, Slots], str]] = {"articles": _article, "shop": _product, "lists": _list}
