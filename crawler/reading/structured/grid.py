"""Tables of HTML as grids: which cell stands in which row and column (HTML standard, section 4.9.12)."""

from __future__ import annotations

from turbohtml import Element

from crawler.reading.document import Document
from crawler.reading.text import fold

MAX_COLUMNS = 1000  # of a table; what stands further right is ignored
MAX_CELLS = 1_000_000  # of a table, those that span counted for each place
_HEADING_ROWS = 5  # first rows among which the headings are looked for


class Grid:
    """The cells of one table by row; a cell that spans stands in each of its places."""

    def __init__(self, table: Element) -> None:
        self.rows = [row for row in table.find_all("tr") if row.closest("table") is table]
        self.cells = _placed(self.rows)
        self.at = {row: number for number, row in enumerate(self.rows)}

    def column(self, heading: str) -> tuple[int, int] | None:
        """The row and the column of a heading, compared without case; None if no cell says so."""
        wanted = fold(heading).casefold()
        for number, cells in enumerate(self.cells[:_HEADING_ROWS]):
            for column, cell in enumerate(cells):
                if cell is not None and fold(cell.text).casefold() == wanted:
                    return number, column
        return None

    def below(self, headings: list[str]) -> list[Element]:
        """The rows below the headings; none if one of them is missing."""
        places = [self.column(heading) for heading in headings]
        if not places or None in places:
            return []
        last = max(place[0] for place in places if place is not None)
        return [row for row in self.rows[last + 1 :] if len(row)]


def grids(document: Document) -> list[Grid]:
    """The grids of all tables, in document order."""
    if "grids" not in document.derived:
        tables = document.tree.find_all("table") if document.tree is not None else []
        document.derived["grids"] = {table: Grid(table) for table in tables}
    known: dict[Element, Grid] = document.derived["grids"]
    return list(known.values())


def grid_of(document: Document, row: Element) -> Grid | None:
    """The grid of the table in which a row stands."""
    grids(document)
    table = row.closest("table")
    known: dict[Element, Grid] = document.derived["grids"]
    return known.get(table) if table is not None else None


def _placed(rows: list[Element]) -> list[list[Element | None]]:
    grid: list[list[Element | None]] = []
    spanning: dict[int, tuple[Element, int]] = {}  # by column: a cell from above, and for how many rows more
    left = MAX_CELLS
    for row in rows:
        line: list[Element | None] = []
        for cell in (child for child in row.children if isinstance(child, Element)):
            if cell.tag in ("td", "th"):
                _fill(line, spanning)
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                for _ in range(min(width, MAX_COLUMNS - len(line))):
                    if height > 1:
                        spanning[len(line)] = (cell, height)
                    line.append(cell)
        _fill(line, spanning)
        spanning = {column: (cell, rest - 1) for column, (cell, rest) in spanning.items() if rest > 1}
        left -= len(line)
        grid.append(line if left >= 0 else [])
    return grid


def _fill(line: list[Element | None], spanning: dict[int, tuple[Element, int]]) -> None:
    """Put what comes from above in the next places of a line."""
    while len(line) in spanning and len(line) < MAX_COLUMNS:
        line.append(spanning[len(line)][0])


def _span(cell: Element, attribute: str) -> int:
    """The number of places; 1 where it is none. A rowspan of 0 reaches to the end of the table."""
    written = (cell.attr(attribute) or "").strip()
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        return 1
    return min(int(written), 65_534) or (65_534 if attribute == "rowspan" else 1)
