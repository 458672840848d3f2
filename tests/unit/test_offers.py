"""Collections that are offered of a page: what it has is offered first, navigation and layout are not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from crawler.collections import Collection
from crawler.reading.offers import Offer, offer
from crawler.reading.reader import read_document
from embedded.programs import shop_pages

MENU = "<nav><ul>" + "".join(f'<li><a href="/c/{n}">Category {n}</a></li>' for n in range(9)) + "</ul></nav>"
TAGS = (
    '<div class="tag-cloud">'
    + "".join(
        f'<div><a href="/tag/{n}">word {n}</a> <span>{n} entries of this word</span></div>' for n in range(20)
    )
    + "</div>"
)
FOOTER = (
    "<footer>"
    + "".join(
        f'<div class="part"><h4>Help of kind {n}</h4><p>Call us on day {n}</p><a href="/h/{n}">Help</a></div>'
        for n in range(4)
    )
    + "</footer>"
)


def page(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body>{MENU}<main>{body}</main>{TAGS}{FOOTER}</body></html>"


def json_ld(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def offers(html: str) -> list[Offer]:
    return offer(read_document(html.encode(), "text/html", ""))


def rules(given: Offer) -> dict[str, tuple[str, str, str]]:
    """Kind, rule and type of each field."""
    return {
        field.name: (field.rules[0].kind, field.rules[0].rule, field.type)
        for field in given.collection.fields
    }


def product(number: int) -> str:
    return f"""<li class="product css-1q8xk{number}" data-sku="T-{number}">
    <a href="/p/{number}"><img src="/i/{number}.jpg"></a>
    <h3 class="product-title"><a href="/p/{number}">Tea number {number}</a></h3>
    <p class="price">from <b>{number + 3},50 €</b></p><span class="stock">in stock</span>
    <button>Buy {number}</button></li>"""


def test_a_shop_list_gives_its_products_with_key_and_types():
    first, *_ = offers(page("<h1>Tea</h1><ul class='grid'>" + "".join(map(product, range(12))) + "</ul>"))
    assert (first.name, first.records, first.collection.key) == ("products", 12, ("sku",))
    assert first.collection.items is not None
    assert first.collection.items.plain() == {"css": "li.product"}
    assert rules(first) == {
        "sku": ("css", "::attr(data-sku)", "text"),
        "url": ("css", "a::attr(href)", "url"),
        "image": ("css", "img::attr(src)", "url"),
        "title": ("css", ".product-title > a", "text"),
        "price": ("css", ".price", "money"),
    }
    assert first.samples[1] == {
        "sku": "T-1",
        "url": "/p/1",
        "image": "/i/1.jpg",
        "title": "Tea number 1",
        "price": "from 4,50 €",
    }


def test_what_is_offered_can_be_written_down_and_read_again():
    for given in offers(page("".join(map(product, range(12))), json_ld({"@type": "Product", "name": "Tea"}))):
        assert Collection.of(json.loads(json.dumps(given.collection.plain()))) == given.collection


def test_a_job_board_without_any_class():
    jobs = "".join(
        f"<div><h2><a href='/j/{n}'>Engineer for bridge {n}</a></h2><p>Berlin {n}</p>"
        f"<time datetime='2026-03-{n + 10}'>in March</time>"
        f"<dl><dt>Salary</dt><dd>{n + 40}.000 €</dd></dl></div>"
        for n in range(6)
    )
    first, *_ = offers(page(f"<h1>Jobs</h1><section>{jobs}</section>"))
    assert (first.name, first.records, first.collection.key) == ("jobs", 6, ("url",))
    kinds = {name: kind for name, (_, _, kind) in rules(first).items()}
    assert kinds == {"url": "url", "title": "text", "text": "text", "date": "date", "salary": "money"}
    assert first.samples[0]["salary"] == "40.000 €"


def test_a_front_page_of_news():
    articles = "".join(
        f'<article class="teaser"><a href="/n/{n}"><h2>What happened on day {n}</h2></a>'
        f'<p class="teaser__lead">It was day {n} when it happened.</p>'
        f'<span class="byline">Ada {n}</span></article>'
        for n in range(7)
    )
    first, *_ = offers(page(f"<h1>Our town today</h1>{articles}"))
    assert first.records == 7
    assert first.samples[2]["title"] == "What happened on day 2"
    assert set(rules(first)) == {"url", "title", "lead", "byline"}


def test_a_product_says_it_in_json_ld():
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "name": "The shop", "url": "https://shop.example/"},
            {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "name": "Home"}]},
            {
                "@type": "Product",
                "name": "Assam",
                "sku": "T-1",
                "brand": {"@type": "Brand", "name": "Leaf"},
                "offers": [{"@type": "Offer", "price": "12.50", "priceCurrency": "EUR"}],
            },
        ],
    }
    first, *others = offers(page("<h1>Assam</h1>" + "".join(map(product, range(4))), json_ld(data)))
    assert (first.name, first.records, first.collection.items) == ("products", 1, None)
    assert rules(first)["price"] == ("jsonld", "Product.offers.price", "money")
    assert rules(first)["brand"] == ("jsonld", "Product.brand.name", "text")
    assert first.samples == (
        {"name": "Assam", "sku": "T-1", "price": "12.50", "price_currency": "EUR", "brand": "Leaf"},
    )
    assert "breadcrumblists" not in {given.name for given in others}
    assert others[0].name == "products_2"  # the others of the shop, before the shop itself


def test_a_recipe_keeps_its_list_of_ingredients():
    data = {"@type": ["Recipe"], "name": "Soup", "recipeIngredient": ["water", "salt"], "totalTime": "PT20M"}
    first, *_ = offers(page("<h1>Soup</h1>", json_ld(data)))
    ingredients = next(field for field in first.collection.fields if field.name == "recipe_ingredient")
    assert first.name == "recipes"
    assert ingredients.many
    assert first.samples[0]["recipe_ingredient"] == "water, salt"


def test_several_things_of_a_type_are_items():
    entries = [
        {"@type": "ListItem", "item": {"@type": "JobPosting", "title": f"Job {n}", "url": f"/j/{n}"}}
        for n in range(3)
    ]
    first, *_ = offers(page("", json_ld({"@type": "ItemList", "itemListElement": entries})))
    assert (first.name, first.records, first.collection.key) == ("job_postings", 3, ("url",))
    assert first.collection.items is not None
    assert first.collection.items.plain() == {"jsonld": "JobPosting"}
    assert rules(first) == {"title": ("jsonld", "title", "text"), "url": ("jsonld", "url", "url")}


def test_microdata_and_opengraph():
    item = (
        '<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Assam</b>'
        '<span itemprop="offers" itemscope itemtype="https://schema.org/Offer">'
        '<meta itemprop="price" content="12.50"></span></div>'
    )
    head = (
        '<meta property="og:type" content="product"><meta property="og:title" content="Assam">'
        '<meta property="og:url" content="https://shop.example/assam">'
    )
    first, second, *_ = offers(page(item, head))
    assert rules(first) == {
        "name": ("microdata", "Product.name", "text"),
        "price": ("microdata", "Product.offers.price", "money"),
    }
    assert rules(second)["title"] == ("og", "title", "text")


def test_a_table_with_headings_and_none_for_layout():
    rows = "".join(f"<tr><td>C{n}<td>Coin {n}<td>{n}.5" for n in range(4))
    rates = f"<table id='rates'><thead><tr><th>Code<th>Full name<th>Rate</thead>{rows}</table>"
    layout = f"<table><tr><td><h2>News</h2>{TAGS}</td><td>Ads</td></tr><tr><td>a<td>b<tr><td>c<td>d</table>"
    given = offers(page(f"<h1>Rates of today</h1>{layout}{rates}"))
    tables = [each for each in given if each.collection.fields[0].rules[0].kind == "column"]
    assert [each.name for each in tables] == ["rates"]
    assert given[0] == tables[0]
    assert tables[0].records == 4
    assert tables[0].collection.items is not None
    assert tables[0].collection.items.plain() == {"css": "#rates tr:has(> td)"}
    assert rules(tables[0]) == {
        "code": ("column", "Code", "text"),
        "full_name": ("column", "Full name", "text"),
        "rate": ("column", "Rate", "number"),
    }
    assert tables[0].collection.key == ("code",)


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Reference of the tool</h1>"
        + "".join(f"<p>Part {n} explains it at length.</p>" for n in range(9)),
        "<h1>Only a page</h1><p>With a text.</p>",
        "",
    ],
)
def test_pages_without_things_offer_none_of_navigation_tags_and_footer(body):
    assert offers(page(body)) == []


def test_links_alone_come_after_everything_else():
    links = "".join(f'<li><a href="/guide/{n}">How to do the thing {n}</a></li>' for n in range(5))
    rows = "".join(f"<tr><td>C{n}<td>{n}" for n in range(4))
    given = offers(
        page(f"<h1>Guide of all</h1><ul>{links}</ul><table><tr><th>Code<th>Count</tr>{rows}</table>")
    )
    assert [set(rules(each)) for each in given] == [{"code", "count"}, {"url", "title"}]


def test_a_page_about_one_thing_gives_its_heading_price_and_pairs():
    html = shop_pages.page(next(iter(shop_pages.PRODUCTS)), period=1)
    assert html is not None
    first, *_ = offers(html)
    assert set(rules(first)) >= {"title", "price", "number", "in_stock"}
    assert rules(first)["number"][:2] == (
        "xpath",
        '//dt[normalize-space()="Number"]/following-sibling::dd[1]',
    )


@pytest.mark.parametrize(
    "hostile",
    [
        json_ld([[[[{"@type": {"@type": 1}}]]]]),
        '<script type="application/ld+json">{"@type": "Product", "name": </script>',
        json_ld({"@type": "Product", "@graph": "x", "name": {"name": {"name": {"name": "deep"}}}}),
        "<table><tr><th>" * 300,
        "<div class='a'>" * 3000,
        "".join(f"<div class='x{n}'><b>{n}</b></div>" for n in range(3000)),
    ],
)
def test_odd_pages_are_read_all_the_same(hostile):
    assert isinstance(offers(page(hostile)), list)


def test_the_same_page_is_offered_the_same():
    build: Callable[[], str] = lambda: page("".join(map(product, range(30))))  # noqa: E731
    assert offers(build()) == offers(build())


def test_rows_of_a_table_have_their_link_beside_the_columns():
    rows = "".join(f"<tr><td><a href='/city/{n}'>City {n}</a><td>{n},000" for n in range(5))
    first, *_ = offers(
        page(f"<h1>All cities</h1><table class='cities'><tr><th>Name<th>People</tr>{rows}</table>")
    )
    assert rules(first) == {
        "name": ("column", "Name", "text"),
        "people": ("column", "People", "number"),
        "url": ("css", "a::attr(href)", "url"),
    }
    assert first.collection.key == ("url",)


def test_a_page_about_one_thing_by_the_words_of_its_classes():
    body = (
        '<h1>Assam</h1><p class="brand">Leaf & Co</p><p class="price">12,50 €</p><p class="css-1ab2c3">x</p>'
        '<time class="since" datetime="2026-01-05">in January</time>'
        '<aside><p class="price">9,99 €</p><p class="other">Others like it</p></aside>'
    )
    first, *_ = offers(page(body))
    assert rules(first) == {
        "title": ("css", "h1", "text"),
        "brand": ("css", ".brand", "text"),
        "price": ("css", "main > .price", "money"),
        "since": ("css", ".since::attr(datetime)", "date"),
    }
    assert first.samples[0]["price"] == "12,50 €"


def test_names_in_other_languages_stay_as_they_are():
    items = "".join(
        f'<article class="kachel"><a href="/r/{n}"><img src="/{n}.jpg"></a><h2>Suppe {n}</h2></article>'
        for n in range(4)
    )
    first, *_ = offers(page(f"<h1>Alle Rezepte</h1>{items}").replace("<html>", "<html lang='de'>"))
    assert first.name == "kachel"


def test_an_advertisement_without_a_number_does_not_take_the_key_away():
    advertisement = '<li class="product"><h3 class="product-title">Buy now</h3><p class="price">1 €</p></li>'
    first, *_ = offers(page("<ul>" + advertisement + "".join(map(product, range(12))) + "</ul>"))
    assert (first.records, first.collection.key) == (12, ("sku",))
    assert first.collection.items.rule == "li.product[data-sku]"
