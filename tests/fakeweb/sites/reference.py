"""A reference of cities in tables. Traps: regions that span rows, headings that span columns, two rows of
headings, totals at the foot, an older table with the same headings, numbers that are missing, footnotes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from tests.fakeweb.sites.facts import PEOPLE, changes, day_in_words, day_of, dice_of, e, german, name_of
from tests.fakeweb.sites.site import Design, Fact, FactSite, Paging, html_page, page_numbers

_LISTS, _ITEMS = ["*/list*", "*/picks"], ["*/item/*"]
_NONE = "–"


@dataclass(frozen=True)
class City(Fact):
    """A city; its area is in tenths of a square kilometre."""

    number: int
    name: str
    region: str
    people: int | None
    area: int
    mayor: str
    since: date

    @property
    def slug(self) -> str:
        return f"city-{self.number + 1}"

    @property
    def size(self) -> str:
        return f"{self.area / 10:.1f}"


def _regions(cities: Sequence[City]) -> Iterator[tuple[str, list[City]]]:
    for region, group in groupby(cities, key=lambda city: city.region):
        yield region, list(group)


def _total(cities: Sequence[City]) -> int:
    return sum(city.people or 0 for city in cities)


def _english_list(cities: Sequence[City], paging: Paging) -> str:
    rows = []
    for region, group in _regions(cities):
        for at, city in enumerate(group):
            first = f'<th scope="rowgroup" rowspan="{len(group)}">{region}</th>' if at == 0 else ""
            people = _NONE if city.people is None else f"{city.people:,}"
            rows.append(
                f'<tr>{first}<td><a href="{city.path}">{e(city.name)}</a></td><td>{people}</td>'
                f"<td>{float(city.size):,}</td></tr>"
            )
    head = (
        '<tr><th rowspan="2">Region</th><th rowspan="2">City</th><th colspan="2">Size</th></tr>'
        "<tr><th>Population</th><th>Area (km²)</th></tr>"
    )
    older = (
        '<table class="older"><caption>Counted in 1900</caption><tr><th>City</th><th>Population</th></tr>'
        "<tr><td>Oldtown</td><td>1,234</td></tr></table>"
    )
    more = f'<a rel="next" href="{paging.next}">next</a>' if paging.next else ""
    return html_page(
        "Cities",
        f'{older}<table class="cities"><caption>Cities by region</caption><thead>{head}</thead><tbody>'
        f'{"".join(rows)}</tbody><tfoot><tr><th colspan="2">Total</th><td>{_total(cities):,}</td><td>'
        f"</td></tr>"
        f"</tfoot></table>{more}",
    )


def _english_item(city: City, others: Sequence[City]) -> str:
    people = _NONE if city.people is None else f"{city.people:,}"
    beside = "".join(
        f"<tr><th>Mayor</th><td>{e(other.mayor)} ({e(other.name)})</td></tr>" for other in others
    )
    return html_page(
        city.name,
        f'<table class="infobox"><tr><th colspan="2">{e(city.name)}</th></tr><tr><th>Region</th>'
        f"<td>{city.region}</td></tr><tr><th>Population</th><td>{people}</td></tr><tr><th>Mayor</th>"
        f"<td>{e(city.mayor)}</td></tr><tr><th>In office since</th><td>{day_in_words(city.since, 'en')}"
        f"</td></tr>"
        f'</table><table class="others">{beside}</table>',
    )


def _boxed(label: str) -> str:
    return f"//table[@class='infobox']//th[.='{label}']/following-sibling::td"


_A: list[dict[str, Any]] = [
    {
        "name": "cities", "pages": _LISTS, "items": {"css": "table.cities > tbody > tr"},
        "key": ["region", "city"], "next": {"css": "a[rel=next]::attr(href)"},
        "fields": [
            {"name": "region", "column": "Region", "required": True},
            {"name": "city", "column": "City", "required": True},
            {"name": "people", "column": "Population", "type": "number", "locale": "en"},
            {"name": "area", "column": "Area (km²)", "type": "number", "locale": "en"},
        ],
    },
    {
        "name": "facts", "pages": _ITEMS, "key": ["city"],
        "fields": [
            {"name": "city", "css": "h1", "required": True},
            {"name": "region", "xpath": _boxed("Region")},
            {"name": "people", "xpath": _boxed("Population"), "type": "number", "locale": "en"},
            {"name": "mayor", "xpath": _boxed("Mayor")},
            {"name": "since", "xpath": _boxed("In office since"), "type": "date", "locale": "en"},
        ],
    },
]  # fmt: skip


def _german_list(cities: Sequence[City], paging: Paging) -> str:
    rows = "".join(
        f'<tr class="z{at % 2}"><td>{"k. A." if city.people is None else german(str(city.people))}</td>'
        f'<td><div><a href="{city.path}">{e(city.name)}</a></div></td><td>{german(city.size)}</td>'
        f"<td>{city.region}</td></tr>"
        for at, city in enumerate(cities)
    )
    return html_page(
        "Städte",
        '<div class="scroll"><table class="sortierbar"><thead><tr><th>Einwohner</th><th>Stadt</th>'
        "<th>Fläche</th>"
        f"<th>Region</th></tr></thead><tbody>{rows}</tbody><tfoot><tr><td>{german(str(_total(cities)))}</td>"
        f'<td colspan="3">Summe</td></tr></tfoot></table></div>{page_numbers(paging)}',
        language="de",
    )


def _german_item(city: City, others: Sequence[City]) -> str:
    people = "k. A." if city.people is None else german(str(city.people))
    beside = "".join(f"<li>{e(other.name)}: {e(other.mayor)}</li>" for other in others)
    return html_page(
        city.name,
        f'<ul>{beside}</ul><dl class="steckbrief"><dt>Stadtoberhaupt</dt><dd>{e(city.mayor)}</dd><dt>Im '
        f"Amt seit</dt>"
        f"<dd>{day_in_words(city.since, 'de')}</dd><dt>Region</dt><dd>{city.region}</dd><dt>Einwohner</dt>"
        f"<dd>{people}</dd></dl>",
        language="de",
    )


def _german_fact(label: str) -> str:
    return f"//dt[.='{label}']/following-sibling::dd[1]"


_B: list[dict[str, Any]] = [
    {
        "name": "cities", "pages": _LISTS, "items": {"css": "table.sortierbar > tbody > tr"},
        "key": ["region", "city"], "next": {"css": "b.current + a::attr(href)"},
        "fields": [
            {"name": "region", "column": "Region", "required": True},
            {"name": "city", "column": "Stadt", "required": True},
            {"name": "people", "column": "Einwohner", "type": "number", "locale": "de"},
            {"name": "area", "column": "Fläche", "type": "number", "locale": "de"},
        ],
    },
    {
        "name": "facts", "pages": _ITEMS, "key": ["city"],
        "fields": [
            {"name": "city", "css": "h1", "required": True},
            {"name": "region", "xpath": _german_fact("Region")},
            {"name": "people", "xpath": _german_fact("Einwohner"), "type": "number", "locale": "de"},
            {"name": "mayor", "xpath": _german_fact("Stadtoberhaupt")},
            {"name": "since", "xpath": _german_fact("Im Amt seit"), "type": "date", "locale": "de"},
        ],
    },
]  # fmt: skip


def _grid_list(cities: Sequence[City], paging: Paging) -> str:
    rows = "".join(
        f'<div role="row" class="r"><div role="rowheader"><a href="{city.path}">{e(city.name)}</a></div>'
        f'<div role="cell" class="g">{city.region}</div>'
        + (
            ""
            if city.people is None
            else f'<div role="cell" data-people="{city.people}">{city.people:,}</div>'
        )
        + f'<div role="cell" class="km">{city.size} km²</div></div>'
        for city in cities
    )
    more = f'<button formaction="{paging.next}">More cities</button>' if paging.next else ""
    return html_page("Cities", f'<div role="table">{rows}</div>{more}')


def _grid_item(city: City, others: Sequence[City]) -> str:
    people = "" if city.people is None else f'<p>Population: <b id="people">{city.people}</b></p>'
    beside = "".join(f"<p>{e(other.mayor)} governs {e(other.name)}.</p>" for other in others)
    return html_page(
        city.name,
        f'{people}<p>Part of <a class="g">{city.region}</a>.</p><p>Its mayor is <em>{e(city.mayor)}</em>, '
        f"since "
        f'<time datetime="{city.since}">{city.since.year}</time>.</p>{beside}',
    )


_C: list[dict[str, Any]] = [
    {
        "name": "cities", "pages": _LISTS, "items": {"css": "[role=row]"}, "key": ["region", "city"],
        "next": {"css": "button::attr(formaction)"},
        "fields": [
            {"name": "region", "css": ".g", "required": True},
            {"name": "city", "css": "[role=rowheader]", "required": True},
            {"name": "people", "css": "[data-people]::attr(data-people)", "type": "number", "locale": "en"},
            {"name": "area", "css": ".km", "steps": [{"replace": [" km²", ""]}], "type": "number",
             "locale": "en"},
        ],
    },
    {
        "name": "facts", "pages": _ITEMS, "key": ["city"],
        "fields": [
            {"name": "city", "css": "h1", "required": True},
            {"name": "region", "css": "a.g"},
            {"name": "people", "css": "#people", "type": "number", "locale": "en"},
            {"name": "mayor", "css": "em"},
            {"name": "since", "css": "time::attr(datetime)", "type": "date"},
        ],
    },
]  # fmt: skip


@dataclass
class Reference(FactSite[City]):
    """Cities, in tables and on their own pages."""

    name = "reference"
    designs = {
        "a": Design(_english_list, _english_item, _A),
        "b": Design(_german_list, _german_item, _B),
        "c": Design(_grid_list, _grid_item, _C, backwards=True),
    }

    def fact(self, number: int, revision: int) -> City:
        dice = dice_of("reference", number, changes(number, revision))
        return City(
            number=number,
            name=name_of(number),
            region=f"Region {number // 3 % 9 + 1}",
            people=None if number % 11 == 4 else dice.randint(900, 3_000_000),
            area=dice_of("area", number).randint(51, 99_999),
            mayor=dice.choice(PEOPLE),
            since=day_of(number),
        )

    def list_values(self, fact: City) -> dict[str, Any]:
        return {"region": fact.region, "city": fact.name, "people": fact.people, "area": fact.area / 10}

    def item_values(self, fact: City) -> dict[str, Any]:
        return {
            "city": fact.name,
            "region": fact.region,
            "people": fact.people,
            "mayor": fact.mayor,
            "since": fact.since.isoformat(),
        }
