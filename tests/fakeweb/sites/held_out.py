"""Two more designs, to judge a repair by what it was not made with: of a shop, and of a job board.

New templates bring class names made by a tool, a price in parts, another order, a list where a table was, a
date that only an attribute tells, a label before a value, an advertisement among the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.fakeweb.sites.facts import Money, day_in_words, e
from tests.fakeweb.sites.shop_facts import Product
from tests.fakeweb.sites.site import Design, Paging, html_page

if TYPE_CHECKING:
    from tests.fakeweb.sites.jobs import Job

_LISTS, _ITEMS = ["*/list*", "*/picks"], ["*/item/*"]


def _parts(money: Money) -> str:
    whole, _, cents = money.english.partition(".")
    return (
        f'<span class="css-k1"><span class="css-c0">{whole[0]}</span><span class="css-w9">{whole[1:]}</span>'
        f'<span class="css-d4">.</span><sup class="css-z7">{cents}</sup></span>'
    )


def _price(product: Product) -> str:
    if product.price is None:
        return '<span class="css-k1">Ask for the price</span>'
    text = _parts(product.price)
    if product.form == "range" and product.highest:
        return f"{text} – {_parts(product.highest)}"
    return f'<span class="css-f2">from</span> {text}' if product.form == "from" else text


def _tile(product: Product) -> str:
    was = f'<span class="css-o3">Was <s>{product.old.english}</s></span>' if product.old else ""
    return (
        f'<div class="css-9fq0t" data-testid="tile"><a class="css-l5" href="{product.path}">'
        f'<img class="css-i8" src="{product.image}" alt="{e(product.name)}"></a>'
        f'<div class="css-2kp">{was}{_price(product)}</div>'
        f'<a class="css-tt1" href="{product.path}"><span>{e(product.name)}</span></a>'
        f'<p class="css-m6">Art. no. {product.sku}</p>'
        f'<p class="css-a2">{"Available now" if product.available else "Currently not available"}</p></div>'
    )


def _tiles(products: Sequence[Product], paging: Paging) -> str:
    tiles = [_tile(product) for product in products]
    tiles.insert(min(3, len(tiles)), (
        '<div class="css-9fq0t" data-testid="tile"><span class="css-ad">Promoted</span><a class="css-tt1" '
        'href="/private/ad"><span>Golden Kettle</span></a>'
        f'<div class="css-2kp">{_parts(Money(199))}</div></div>'
    ))  # fmt: skip
    more = f'<nav class="css-pg"><a href="{paging.next}">Show more</a></nav>' if paging.next else ""
    return html_page("All products", f'<div class="css-8gr">{"".join(tiles)}</div>{more}')


def _product_page(product: Product, others: Sequence[Product]) -> str:
    brand = f'<p class="css-by">by <a href="/list?page=1">{e(product.brand)}</a></p>' if product.brand else ""
    offers = "".join(
        f"<tr><td>{e(offer.seller)}</td><td>{_parts(offer.price)}</td></tr>" for offer in product.offers
    )
    return html_page(
        product.name,
        f'<div class="css-rel">{"".join(_tile(other) for other in others)}</div><article class="css-pdp">'
        f'<div class="css-2kp">{_price(product)}</div>{brand}<div class="css-ds"><h2>Description</h2>'
        f"<p>{e(product.text)}</p></div>"
        f'<table class="css-sp"><tr><th scope="row">Article number</th><td>{product.sku}</td></tr>'
        f'<tr><th scope="row">Available since</th><td>{day_in_words(product.since, "en")}</td></tr></table>'
        f'<table class="css-of"><thead><tr><th>Seller<th>Price</thead><tbody>{offers}</tbody></table>'
        "</article>",
    )


_FIRST = [{"replace": ["from ", ""]}, {"split": "–"}, "first"]
_PRODUCTS: list[dict[str, Any]] = [
    {
        "name": "products", "pages": _LISTS, "key": ["sku"],
        "items": {"css": "[data-testid=tile]:not(:has(.css-ad))"}, "next": {"css": ".css-pg a::attr(href)"},
        "fields": [
            {"name": "sku", "css": ".css-m6", "steps": [{"replace": ["Art. no. ", ""]}], "required": True},
            {"name": "name", "css": ".css-tt1", "required": True},
            {"name": "price", "css": ".css-k1", "type": "money", "locale": "en-US"},
            {"name": "old", "css": "s", "type": "money", "locale": "en-US"},
            {"name": "available", "css": ".css-a2", "type": "boolean",
             "steps": [{"map": {"Available now": "true", "Currently not available": "false"}}]},
            {"name": "url", "css": ".css-tt1::attr(href)", "type": "url"},
            {"name": "image", "css": "img::attr(src)", "type": "url"},
        ],
    },
    {
        "name": "details", "pages": _ITEMS, "key": ["sku"],
        "fields": [
            {"name": "sku", "xpath": "//th[.='Article number']/following-sibling::td", "required": True},
            {"name": "name", "css": "h1", "required": True},
            {"name": "brand", "css": ".css-by a"},
            {"name": "price", "css": ".css-pdp > .css-2kp", "steps": _FIRST, "type": "money",
             "locale": "en-US"},
            {"name": "since", "xpath": "//th[.='Available since']/following-sibling::td", "type": "date",
             "locale": "en"},
            {"name": "text", "css": ".css-ds p"},
            {"name": "offers", "css": ".css-of tbody tr", "many": True, "fields": [
                {"name": "seller", "css": "td:first-child"},
                {"name": "price", "css": ".css-k1", "type": "money", "locale": "en-US"}]},
        ],
    },
]  # fmt: skip


def _job_card(job: Job) -> str:
    salary = f'<div class="jc-s1">{_salary(job)}</div>' if job.low else ""
    home = '<span class="jc-b3">Work from home</span>' if job.remote else ""
    return (
        f'<article class="jc-x8f2" data-ref="{job.reference}"><time datetime="{job.day}">some days ago</time>'
        f'<h2><a href="{job.path}">{e(job.title)}</a></h2><p class="jc-c7"><b>{e(job.company)}</b> · '
        f"<i>{e(job.place)}</i></p>{salary}{home}</article>"
    )


def _salary(job: Job) -> str:
    return f"{job.low.english} to {job.high.english} per year" if job.low and job.high else ""


def _job_cards(jobs: Sequence[Job], paging: Paging) -> str:
    promoted = (
        '<article class="jc-x8f2 jc-p"><small>Promoted</small><h2><a href="/private/ad">Pilot</a></h2>'
        '<p class="jc-c7"><b>Ad Air</b> · <i>Rome</i></p>'
        '<div class="jc-s1">€99,000.00 per year</div></article>'
    )
    more = f'<a class="jc-n" rel="next" href="{paging.next}">Older jobs</a>' if paging.next else ""
    return html_page("Open jobs", f'<div id="root">{promoted}{"".join(map(_job_card, jobs))}{more}</div>')


def _job_page(job: Job, others: Sequence[Job]) -> str:
    rows = {
        "Company": e(job.company),
        "Location": e(job.place),
        "Pay": _salary(job),
        "Where": "Work from home" if job.remote else "On site",
        "Job ID": job.reference,
    }
    facts = "".join(
        f'<div class="jd-r"><span class="jd-l">{label}</span><span class="jd-v">{value}</span></div>'
        for label, value in rows.items()
        if value
    )
    similar = "".join(_job_card(other) for other in others)
    return html_page(
        job.title,
        f'<section class="jd-t"><h2>About the job</h2><div>{e(job.text)}</div></section>'
        f'<section class="jd-f"><time datetime="{job.day}">some days ago</time>{facts}</section>'
        f'<section class="jd-o"><h2>More jobs</h2>{similar}</section>',
    )


def _labelled(label: str) -> str:
    return f"//span[@class='jd-l'][.='{label}']/following-sibling::span"


_UP_TO = [{"split": " to "}, "first"]
_JOBS: list[dict[str, Any]] = [
    {
        "name": "jobs", "pages": _LISTS, "items": {"css": "article[data-ref]"}, "key": ["reference"],
        "next": {"css": "a.jc-n::attr(href)"},
        "fields": [
            {"name": "reference", "css": "::attr(data-ref)", "required": True},
            {"name": "title", "css": "h2", "required": True},
            {"name": "company", "css": ".jc-c7 b"},
            {"name": "salary", "css": ".jc-s1", "steps": _UP_TO, "type": "money", "locale": "en"},
            {"name": "posted", "css": "time::attr(datetime)", "type": "date"},
            {"name": "url", "css": "h2 a::attr(href)", "type": "url"},
        ],
    },
    {
        "name": "openings", "pages": _ITEMS, "key": ["reference"],
        "fields": [
            {"name": "reference", "xpath": _labelled("Job ID"), "required": True},
            {"name": "title", "css": "h1", "required": True},
            {"name": "company", "xpath": _labelled("Company")},
            {"name": "place", "xpath": _labelled("Location")},
            {"name": "salary", "xpath": _labelled("Pay"), "steps": _UP_TO, "type": "money", "locale": "en"},
            {"name": "posted", "css": ".jd-f time::attr(datetime)", "type": "date"},
            {"name": "remote", "xpath": _labelled("Where"), "type": "boolean",
             "steps": [{"map": {"Work from home": "true", "On site": "false"}}]},
            {"name": "text", "css": ".jd-t div"},
        ],
    },
]  # fmt: skip

SHOP = Design(_tiles, _product_page, _PRODUCTS)
JOBS: Design[Job] = Design(_job_cards, _job_page, _JOBS)
