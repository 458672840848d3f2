"""The shop's designs: a list in English, a table in German, and data that a script would show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakeweb.sites import held_out
from tests.fakeweb.sites.facts import Money, data_script, day_in_words, e, linked_data
from tests.fakeweb.sites.shop_facts import Product
from tests.fakeweb.sites.site import Design, Paging, html_page, page_numbers

_BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
_LISTS, _ITEMS = ["*/list*", "*/picks"], ["*/item/*"]


def _english_price(product: Product) -> str:
    if product.price is None:
        return "Price on request"
    text = product.price.english
    return {"from": f"from {text}", "range": f"{text} – {product.highest.english}"}.get(product.form, text)


def _english_list(products: Sequence[Product], paging: Paging) -> str:
    cards = [_english_card(product) for product in products]
    cards.insert(min(2, len(cards)), (
        '<li class="product sponsored"><small>Sponsored</small><h3><a href="/private/ad">Golden Kettle'
        '</a></h3>'
        '<img src="/img/ad.jpg"><b class="price">€1.99</b><span class="stock">In stock</span></li>'
    ))  # fmt: skip
    more = f'<a class="next" rel="next" href="{paging.next}">Next</a>' if paging.next else ""
    return html_page("Products", f'<ul class="products">{"".join(cards)}</ul>{more}')


def _english_card(product: Product) -> str:
    old = f'<s class="old">{product.old.english}</s> ' if product.old else ""
    return (
        f'<li class="product" data-sku="{product.sku}"><img src="{_BLANK}" data-src="{product.image}" alt="">'
        f'<h3><a href="{product.path}">{e(product.name)}</a></h3>{old}'
        f'<b class="price">{_english_price(product)}</b> '
        f'<span class="stock">{"In stock" if product.available else "Sold out"}</span></li>'
    )


def _english_item(product: Product, others: Sequence[Product]) -> str:
    brand = f'<p class="brand">{e(product.brand)}</p>' if product.brand else ""
    offers = "".join(
        f'<li class="offer"><span class="seller">{e(offer.seller)}</span> '
        f'<span class="amount">{offer.price.english}</span></li>'
        for offer in product.offers
    )
    beside = "".join(
        f'<li class="product"><a href="{other.path}">{e(other.name)}</a> '
        f'<b class="price">{_english_price(other)}</b></li>'
        for other in others
    )
    return html_page(
        product.name,
        f'<section class="detail">{brand}<p class="price">{_english_price(product)}</p>'
        f'<p class="text">{e(product.text)}</p><dl><dt>Number</dt><dd class="sku">{product.sku}</dd>'
        f'<dt>Since</dt><dd class="since">{day_in_words(product.since, "en")}</dd></dl>'
        f'<ul class="offers">{offers}</ul></section>'
        f"<aside><h2>Customers also bought</h2><ul>{beside}</ul></aside>",
    )


_ENGLISH = [{"replace": ["from ", ""]}, {"split": "–"}, "first"]
_A: list[dict[str, Any]] = [
    {
        "name": "products", "pages": _LISTS, "items": {"css": "li.product:not(.sponsored)"}, "key": ["sku"],
        "next": {"css": "a.next::attr(href)"},
        "fields": [
            {"name": "sku", "css": "::attr(data-sku)", "required": True},
            {"name": "name", "css": "h3", "required": True},
            {"name": "price", "css": ".price", "steps": _ENGLISH, "type": "money", "locale": "en-US"},
            {"name": "old", "css": "s.old", "type": "money", "locale": "en-US"},
            {"name": "available", "css": ".stock", "type": "boolean",
             "steps": [{"map": {"In stock": "true", "Sold out": "false"}}]},
            {"name": "url", "css": "h3 a::attr(href)", "type": "url"},
            {"name": "image", "css": "img::attr(data-src)", "type": "url"},
        ],
    },
    {
        "name": "details", "pages": _ITEMS, "key": ["sku"],
        "fields": [
            {"name": "sku", "css": ".detail .sku", "required": True},
            {"name": "name", "css": "h1", "required": True},
            {"name": "brand", "css": ".detail .brand"},
            {"name": "price", "css": ".detail > .price", "steps": _ENGLISH, "type": "money",
             "locale": "en-US"},
            {"name": "since", "css": ".since", "type": "date", "locale": "en"},
            {"name": "text", "css": ".detail .text"},
            {"name": "offers", "css": ".offer", "many": True, "fields": [
                {"name": "seller", "css": ".seller"},
                {"name": "price", "css": ".amount", "type": "money", "locale": "en-US"}]},
        ],
    },
]  # fmt: skip


def _split(money: Money) -> str:
    """A price whose parts are elements of their own."""
    whole, _, rest = money.german.partition(",")
    cents, sign = rest.split(" ")
    return f'<span class="betrag"><span>{whole}</span><sup>,{cents}</sup>&nbsp;<i>{sign}</i></span>'


def _german_price(product: Product) -> str:
    if product.price is None:
        return '<span class="betrag">Preis auf Anfrage</span>'
    text = _split(product.price)
    span = f"{text} – <em>{product.highest.german}</em>"
    return {"from": f"<small>ab</small> {text}", "range": span}.get(product.form, text)


def _german_list(products: Sequence[Product], paging: Paging) -> str:
    rows = [_german_row(product) for product in products]
    rows.insert(min(1, len(rows)), (
        '<tr class="zeile" data-anzeige><td><a href="/private/ad">Goldener Kessel</a></td><td>SK-99999</td>'
        '<td><span class="betrag">1,99 €</span></td><td>lieferbar</td></tr>'
    ))  # fmt: skip
    return html_page(
        "Unsere Artikel",
        '<div class="huelle"><div class="innen"><table class="artikel"><thead><tr><th>Artikel<th>Nummer'
        "<th>Preis"
        f'<th>Lager</thead><tbody>{"".join(rows)}</tbody><tfoot><tr><td colspan="4">Alle Preise mit Steuer, '
        f"Versand ab 4,90 €</td></tr></tfoot></table></div></div><p>Seite {page_numbers(paging)}</p>",
        language="de",
    )


def _german_row(product: Product) -> str:
    old = f"<del>{product.old.german}</del> " if product.old else ""
    return (
        f'<tr class="zeile"><td><img src="{_BLANK}" data-src="{product.image}" alt=""><a '
        f'href="{product.path}">'
        f"{e(product.name)}</a></td><td>{product.sku}</td><td>{old}{_german_price(product)}</td>"
        f"<td>{'lieferbar' if product.available else 'ausverkauft'}</td></tr>"
    )


def _german_item(product: Product, others: Sequence[Product]) -> str:
    brand = f"<tr><th>Marke</th><td>{e(product.brand)}</td></tr>" if product.brand else ""
    offers = "".join(
        f"<tr><td>{e(offer.seller)}</td><td>{_split(offer.price)}</td></tr>" for offer in product.offers
    )
    beside = "".join(f"<p>{e(other.name)}: {_german_price(other)}</p>" for other in others)
    return html_page(
        product.name,
        f'<div class="auch">Kunden kauften auch {beside}</div><div class="blatt">'
        f'<div class="preis">{_german_price(product)}</div><table><tr><th>Artikelnummer</th>'
        f"<td>{product.sku}</td></tr>"
        f"{brand}<tr><th>Im Angebot seit</th><td>{day_in_words(product.since, 'de')}</td></tr></table>"
        f'<div class="beschreibung"><p>{e(product.text)}</p></div></div>'
        f'<table class="haendler"><tbody>{offers}</tbody></table>',
        language="de",
    )


_GERMAN = [{"replace": ["ab ", ""]}, {"split": "–"}, "first"]
_B: list[dict[str, Any]] = [
    {
        "name": "products", "pages": _LISTS, "key": ["sku"],
        "items": {"css": "table.artikel > tbody > tr:not([data-anzeige])"},
        "next": {"css": "b.current + a::attr(href)"},
        "fields": [
            {"name": "sku", "css": "td:nth-child(2)", "required": True},
            {"name": "name", "css": "td:first-child a", "required": True},
            {"name": "price", "css": ".betrag", "type": "money", "locale": "de",
             "steps": _GERMAN},
            {"name": "old", "css": "del", "type": "money", "locale": "de"},
            {"name": "available", "css": "td:last-child", "type": "boolean",
             "steps": [{"map": {"lieferbar": "true", "ausverkauft": "false"}}]},
            {"name": "url", "css": "td a::attr(href)", "type": "url"},
            {"name": "image", "css": "img::attr(data-src)", "type": "url"},
        ],
    },
    {
        "name": "details", "pages": _ITEMS, "key": ["sku"],
        "fields": [
            {"name": "sku", "xpath": "//th[.='Artikelnummer']/following-sibling::td", "required": True},
            {"name": "name", "css": "h1", "required": True},
            {"name": "brand", "xpath": "//th[.='Marke']/following-sibling::td"},
            {"name": "price", "css": ".preis", "steps": _GERMAN, "type": "money", "locale": "de"},
            {"name": "since", "xpath": "//th[.='Im Angebot seit']/following-sibling::td", "type": "date",
             "locale": "de"},
            {"name": "text", "css": ".beschreibung"},
            {"name": "offers", "css": ".haendler tr", "many": True, "fields": [
                {"name": "seller", "css": "td:first-child"},
                {"name": "price", "css": ".betrag", "type": "money", "locale": "de"}]},
        ],
    },
]  # fmt: skip


def _amount(money: Money | None) -> dict[str, Any] | None:
    return money and {"value": money.plain, "currency": money.currency}


def _data_list(products: Sequence[Product], paging: Paging) -> str:
    cards = "".join(
        f'<div class="c-7f"><a href="{product.path}">{e(product.name)}</a></div>' for product in products
    )
    entries: list[dict[str, Any]] = [
        {"id": product.sku, "title": product.name, "price": _amount(product.price),
         "was": _amount(product.old),
         "inStock": product.available, "href": product.path, "img": product.image, "ad": False}
        for product in products
    ]  # fmt: skip
    entries.insert(0, {"id": "AD", "title": "Golden Kettle", "price": _amount(Money(199)), "ad": True})
    state = {"props": {"pageProps": {"items": entries, "next": paging.next, "total": len(products)}}}
    more = f'<button class="more" data-url="{paging.next}">Load more</button>' if paging.next else ""
    data = data_script("application/json", state, "__NEXT_DATA__")
    return html_page("Products", f'<div id="__next">{cards}</div>{more}{data}')


def _data_item(product: Product, others: Sequence[Product]) -> str:
    offers = [_linked_offer(offer.price) | {"seller": {"@type": "Organization", "name": offer.seller}}
              for offer in product.offers]  # fmt: skip
    own = _linked_offer(product.price) if product.price else {"@type": "Offer"}
    data: dict[str, Any] = {
        "@type": "Product", "sku": product.sku, "name": product.name, "description": product.text,
        "releaseDate": product.since.isoformat(),
        "offers": {"@type": "AggregateOffer", **own, "offers": offers},
        "isRelatedTo": [{"@type": "Product", "name": other.name} for other in others],
    }  # fmt: skip
    if product.brand:
        data["brand"] = {"@type": "Brand", "name": product.brand}
    crumbs = {"@type": "BreadcrumbList", "name": "Where you are"}
    return html_page(product.name, "<p>Ask us.</p>", head=linked_data(crumbs) + linked_data(data))


def _linked_offer(money: Money) -> dict[str, Any]:
    return {"@type": "Offer", "price": money.plain, "priceCurrency": money.currency}


_C: list[dict[str, Any]] = [
    {
        "name": "products", "pages": _LISTS, "key": ["sku"],
        "items": {"json": "__NEXT_DATA__.props.pageProps.items[?!ad]"},
        "next": {"css": "button.more::attr(data-url)"},
        "fields": [
            {"name": "sku", "json": "id", "required": True},
            {"name": "name", "json": "title", "required": True},
            {"name": "price", "json": "price", "type": "money", "locale": "en"},
            {"name": "old", "json": "was", "type": "money", "locale": "en"},
            {"name": "available", "json": "inStock", "type": "boolean"},
            {"name": "url", "json": "href", "type": "url"},
            {"name": "image", "json": "img", "type": "url"},
        ],
    },
    {
        "name": "details", "pages": _ITEMS, "key": ["sku"],
        "fields": [
            {"name": "sku", "jsonld": "Product.sku", "required": True},
            {"name": "name", "jsonld": "Product.name", "required": True},
            {"name": "brand", "jsonld": "Product.brand.name"},
            {"name": "price", "jsonld": "Product.offers", "type": "money", "locale": "en"},
            {"name": "since", "jsonld": "Product.releaseDate", "type": "date"},
            {"name": "text", "jsonld": "Product.description"},
            {"name": "offers", "jsonld": "Product.offers.offers", "many": True, "fields": [
                {"name": "seller", "json": "seller.name"},
                {"name": "price", "json": "@", "type": "money", "locale": "en"}]},
        ],
    },
]  # fmt: skip

DESIGNS = {
    "a": Design(_english_list, _english_item, _A),
    "b": Design(_german_list, _german_item, _B, backwards=True),
    "c": Design(_data_list, _data_item, _C),
    "d": held_out.SHOP,
}
