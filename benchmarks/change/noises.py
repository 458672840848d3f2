"""Kinds of noise: what a server adds to a page at each request, and says nothing new by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from benchmarks.change.sites import Slots, sentence

_NAMES = ("Anna", "Ben", "Carla", "Dora", "Emil", "Frida", "Georg", "Hanna")
_TOWNS = ("Leeds", "Bremen", "Lyon", "Turin", "Ghent", "Malmö")
_SKIES = ("Cloudy", "Sunny", "Light rain", "Fog")


@dataclass(frozen=True)
class Request:
    """When a page is asked for; the dice are others at each request."""

    page: int
    minute: int  # since the beginning
    dice: Random


def _ads(request: Request) -> Slots:
    """Of twelve advertisements, two at a time."""
    first, second = request.dice.sample(range(12), 2)
    return Slots(top=_ad(first), inline=_ad(second))


def _ad(number: int) -> str:
    dice = Random(f"ad {number}")
    return f'<div class="ad-slot"><a href="/go/{number}">{sentence(dice)}</a> <em>Buy it now</em></div>'


def _tokens(request: Request) -> Slots:
    """Of scripts, assets, forms and links; and one that is shown."""
    first, second = (f"{request.dice.getrandbits(64):016x}" for _ in range(2))
    return Slots(
        head=f'<script nonce="{first}">var t="{second}"</script><link rel="icon" href="/a.{first[:8]}.png">',
        inline=f'<form><input type="hidden" name="csrf" value="{second}"></form>',
        foot=f'<p class="trace">Request {first[:12]}</p><a href="/cart?sid={second}">Cart</a>',
    )


def _counters(request: Request) -> Slots:
    views = 4000 + request.page * 71 + request.minute // 3
    people = request.dice.randrange(3, 60)
    return Slots(
        meta=f'<span class="views">{views:,} views</span>',
        side=f'<p class="now">{people} people look at this right now</p>',
    )


def _dates(request: Request) -> Slots:
    """How long something is ago, and the time of the answer."""
    hours = 2 + request.page + request.minute // 60
    ago = f"{hours} hours ago" if hours < 24 else f"{hours // 24} days ago"
    clock = f"{request.minute // 60 % 24:02}:{request.minute % 60:02}"
    return Slots(
        meta=f"<time>{ago}</time>",
        foot=f'<p class="stamp">Shown on {1 + request.minute // 1440} March 2026 at {clock}</p>',
    )


def _teasers(request: Request) -> Slots:
    """Four of thirty other pages, others at each request."""
    chosen = request.dice.sample(range(30), 4)
    items = "".join(f'<li><a href="/other/{each}">{sentence(Random(each))}</a></li>' for each in chosen)
    return Slots(side=f'<div class="related"><h3>You may also like</h3><ul>{items}</ul></div>')


def _texts(request: Request) -> Slots:
    """Two texts by a coin, as tests of what sells better have them."""
    coin = request.dice.random() < 0.5
    label = "Add to your basket" if coin else "Order it today"
    line = "Free delivery for every order." if coin else "We send it on the same day."
    return Slots(inline=f'<div class="cta"><button>{label}</button> <span>{label}</span></div>',
                 top=f'<p class="benefit">{line}</p>')  # fmt: skip


def _layouts(request: Request) -> Slots:
    """Two layouts by a coin: columns change places, and one has a bar of its own."""
    if request.dice.random() < 0.5:
        return Slots()
    bar = '<div class="bar"><b>Our promise</b> <span>Thirty days to send it back, no questions.</span></div>'
    return Slots(variant="b", top=bar)


def _nothing(_: Request) -> Slots:
    return Slots()


def _quote(request: Request) -> Slots:
    """Another one every day."""
    return Slots(side=f'<blockquote class="saying">{sentence(Random(request.minute // 1440))}</blockquote>')


def _buyers(request: Request) -> Slots:
    dice = request.dice
    line = f"{dice.choice(_NAMES)} from {dice.choice(_TOWNS)} has just bought this"
    return Slots(foot=f'<div class="toast">{line}</div>')


def _weather(request: Request) -> Slots:
    dice = Random(request.minute // 180)
    line = f"<b>{dice.choice(_SKIES)}</b> <i>{dice.randrange(2, 25)} °C</i>"
    return Slots(side=f'<div class="local">{line}</div>')


def _shuffled(request: Request) -> Slots:
    tags = [f'<a href="/tag/{each}">Topic number {each}</a>' for each in range(9)]
    request.dice.shuffle(tags)
    return Slots(foot=f'<div class="cloud">{" ".join(tags)}</div>')


NOISES: Mapping[str, Callable[[Request], Slots]] = {
    "rotating ads": _ads,
    "tokens": _tokens,
    "view counters": _counters,
    "relative dates": _dates,
    "related teasers": _teasers,
    "A/B texts": _texts,
    "A/B layouts": _layouts,
    "CDN lag": _nothing,
    "markup only": _nothing,
}


def _all_at_once(request: Request) -> Slots:
    """Whatever all of the others add, but for the layouts."""
    kinds = (_ads, _tokens, _counters, _dates, _teasers, _texts)
    each = [kind(request) for kind in kinds]
    return Slots(*("".join(texts) for texts in zip(*(slots[:-1] for slots in each), strict=True)))


HELD_OUT: Mapping[str, Callable[[Request], Slots]] = {
    "saying of the day": _quote,
    "who has just bought": _buyers,
    "weather": _weather,
    "shuffled topics": _shuffled,
    "all at once": _all_at_once,
}
"""Kinds on which nothing was tuned."""


def _news(request: Request) -> Slots:
    """The last six news of the site: one more at each look."""
    newest = request.minute // 180 + 6
    items = "".join(f"<li>{sentence(Random(newest - at))}</li>" for at in range(6))
    return Slots(side=f'<ul class="latest">{items}</ul>')


def _comments(request: Request) -> Slots:
    count = request.minute // 180 + 1
    each = (f"<li>{sentence(Random(f'{request.page} {at}'))}</li>" for at in range(count))
    return Slots(foot=f'<ol class="talk">{"".join(each)}</ol>')


def _stock(request: Request) -> Slots:
    left = 900 - request.minute // 60 * (1 + request.page % 3)
    return Slots(meta=f'<span class="stock">{left} in stock</span>')


def _fares(request: Request) -> Slots:
    """A price for which nobody has made a rule."""
    price = Random(f"{request.page} {request.minute // 180}").randrange(4000, 9000) / 100
    return Slots(meta=f'<span class="fare">from {price:.2f} €</span>')


CONTENTS: Mapping[str, Callable[[Request], Slots]] = {
    "news list": _news,
    "comments": _comments,
    "stock": _stock,
    "price without a rule": _fares,
}
"""What changes at each look and is content all the same: no block of these may be left out."""
ALL: Mapping[str, Callable[[Request], Slots]] = {**NOISES, **HELD_OUT, **CONTENTS}


def marked_up(page: str, dice: Random) -> str:
    """The same page: white space, comments and the order of attributes differ."""
    page = page.replace("<p>", f"\n<!-- {dice.getrandbits(32)} --><p>")
    page = page.replace("</p>", "</p>" + " " * dice.randrange(4))
    if dice.random() < 0.5:
        page = re.sub(r'<a class="([^"]+)" href="([^"]+)"', r'<a href="\2" class="\1"', page)
    return page.replace("<main ", f'<main data-v="{dice.getrandbits(16)}" ')
