"""Offers from tables with headings: a record a row, a field a column. Tables for layout have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turbohtml import Element

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.offers.guess import field_name, looks_like
from crawler.reading.offers.offer import Offer, Seen, build
from crawler.reading.selectors.propose import place_of
from crawler.reading.selectors.simple import simple_selectors
from crawler.reading.text import fold

KIND = "column"
TABLES = 50  # of a document that are looked at
ROWS = 2  # below the headings, at least
HEADING = 80  # characters: longer cells are no headings
WORTH = 55.0


def table_offers(document: Document) -> list[Offer]:
    """An offer for each table whose first row, or head, names its columns."""
    if document.tree is None:
        return []
    offers = [_offer(document, table) for table in document.tree.find_all("table", limit=TABLES)]
    return [each for each in offers if each is not None]


def _offer(document: Document, table: Element) -> Offer | None:
    headings = headings_of(table)
    below = _rows(table)[1:]
    rows = [row for row in below if len(_cells(row)) == len(headings)]
    if not headings or len(rows) < max(ROWS, len(below) // 2):
        return None
    texts = [[fold(cell.text) for cell in _cells(row)] for row in rows]
    seen = [
        Seen(field_name(heading) or f"column_{at + 1}", Rule(KIND, heading), [row[at] for row in texts])
        for at, heading in enumerate(headings)
        if heading
    ]
    if len(seen) < 2:
        return None
    selector = f"{_selector(document, table)} tr{_alike(table, rows, below)}"
    return build(
        _name(table),
        f"A table with {len(seen)} headings and {len(rows):,} rows",
        [*seen, *_beside(rows)],
        items=Rule("css", selector),
        worth=WORTH + min(len(rows), 20) + min(len(seen), 10),
    )


def _alike(table: Element, rows: Sequence[Element], below: Sequence[Element]) -> str:
    """What tells the rows from the others of their table: that of the headings, those with totals."""
    if len(rows) < len(below):
        return f":has(> td:nth-child({len(_cells(rows[0]))}):last-child)"
    has_head = all(cell.tag == "th" for cell in _cells(_rows(table)[0]))
    return ":has(> td)" if has_head else ""


def _beside(rows: Sequence[Element]) -> Iterator[Seen]:
    """What rows have beside their texts: the first link of each, and its picture."""
    for name, tag, attribute in (("url", "a", "href"), ("image", "img", "data-src"), ("image", "img", "src")):
        elements = [row.select_one(f"{tag}[{attribute}]") for row in rows]
        values = [fold(each.attr(attribute) or "") if each is not None else "" for each in elements]
        if sum(map(bool, values)) > len(values) / 2 and len(set(values)) > 1:
            yield Seen(name, Rule("css", f"{tag}::attr({attribute})"), values)


def _rows(table: Element) -> list[Element]:
    return [row for row in table.find_all("tr") if row.closest("table") is table]


def headings_of(table: Element) -> list[str]:
    """The headings of a table's columns; none of a table that has none, or arranges the page."""
    return [] if _is_layout(table) else _headings(_rows(table))


def _headings(rows: Sequence[Element]) -> list[str]:
    """The texts of the first row, if it is one of headings: in a head, of ``th`` cells, unlike the others."""
    if not rows:
        return []
    cells = _cells(rows[0])
    texts = [fold(cell.text) for cell in cells]
    is_head = rows[0].closest("thead") is not None or all(cell.tag == "th" for cell in cells)
    named = [text for text in texts if text]
    if len(named) < 2 or len(set(named)) < len(named) or any(len(text) > HEADING for text in named):
        return []
    if any(cell.attr("colspan") not in (None, "1") for cell in cells):
        return []
    if is_head:
        return texts
    numbers = [
        text for row in rows[1:] for cell in _cells(row) if looks_like(text := fold(cell.text)) != "text"
    ]
    return texts if len(numbers) > len(rows) and all(looks_like(text) == "text" for text in named) else []


def _is_layout(table: Element) -> bool:
    """Whether it arranges the page: it says so, or holds tables, forms or whole sections."""
    if table.attr("role") in {"presentation", "none"}:
        return True
    return table.select_one("table, form, nav, h1, h2, iframe, textarea") is not None


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element) and cell.tag in {"td", "th"}]


def _selector(document: Document, table: Element) -> str:
    """The table's own name, if no other table has it; else its place."""
    tree = document.tree
    assert tree is not None
    for simple in simple_selectors(table):
        if tree.select(simple.selector) == [table]:
            return simple.selector
    return place_of(table, tree)


def _name(table: Element) -> str:
    caption = table.select_one("caption")
    heading = fold(caption.text) if caption is not None else ""
    for name in (heading, table.attr("id") or "", next(iter((table.attr("class") or "").split()), "")):
        if 2 < len(written := field_name(name)) <= 40 and "table" not in written:
            return written
    return "table"
