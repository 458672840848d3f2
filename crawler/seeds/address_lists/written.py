"""Addresses as they stand in a file, unchecked, each with its line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from xml.parsers import expat

from crawler.reading.encoding import decode
from crawler.reading.sitemaps import read_sitemap
from crawler.reading.sources.csv import delimiter_of

_ADDRESS = re.compile(r"\s*(?:https?://|www\.)\S", re.IGNORECASE)
_OPML = re.compile(rb"<(?:!DOCTYPE\s+)?opml[\s>/]", re.IGNORECASE)
_HEAD = 4096  # bytes in which the root element stands
_FEEDS = ("xmlUrl", "htmlUrl", "url")  # of an outline (OPML 2.0), the feed before the site that has it


class Written(NamedTuple):
    """What a list says: kind of the list, (line, text) of each address, and sentences about the rest."""

    kind: str
    lines: list[tuple[int, str]]
    warnings: tuple[str, ...] = ()


def written_addresses(body: bytes, name: str = "", column: str = "") -> Written:
    """What stands in a file of this name. ``column``: the heading, or the number, of a table's column.

    Raises:
        ValueError: it cannot be read, or has no such column, in a sentence for people.
    """
    if body.startswith(b"\x1f\x8b") or body.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return _opml(body) if _OPML.search(body[:_HEAD]) else _sitemap(body)
    text = decode(body, "")[0].lstrip("\ufeff")
    if "\0" in text:
        raise ValueError("This is no text. Give a list as text, CSV, OPML or a sitemap.")
    if column or name.lower().endswith((".csv", ".tsv")) or _has_headings(text):
        return _table(text, column)
    numbered = enumerate(text.splitlines(), start=1)
    lines = [(number, line.strip()) for number, line in numbered if line.strip() and line.lstrip()[0] != "#"]
    return Written("text", lines)


def _has_headings(text: str) -> bool:
    """Whether it is a table all the same: every line has the same signs, and the first no address."""
    first = text.lstrip().partition("\n")[0]
    return "://" not in first and bool(delimiter_of(text, every_line=True))


def _table(text: str, column: str) -> Written:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter_of(text) or ",")
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(f"This table cannot be read: {error}.") from error
    headings = [] if not rows or any(map(_ADDRESS.match, rows[0][1])) else rows.pop(0)[1]
    place = _place_of(column, headings) if column else _fullest(row for _, row in rows)
    cells = [(line, row[place].strip()) for line, row in rows if place < len(row) and row[place].strip()]
    return Written("CSV", cells)


def _place_of(column: str, headings: list[str]) -> int:
    names = [heading.strip().lower() for heading in headings]
    if column.strip().lower() in names:
        return names.index(column.strip().lower())
    if column.isdecimal() and int(column[:4]) > 0:
        return int(column[:4]) - 1
    known = f" It has: {', '.join(headings)[:300]}." if headings else " It has no headings: give a number."
    raise ValueError(f"There is no column {column[:60]!r}.{known}")


def _fullest(rows: Iterable[list[str]]) -> int:
    """The column with the most addresses."""
    counts = Counter(place for row in rows for place, cell in enumerate(row) if _ADDRESS.match(cell))
    if not counts:
        raise ValueError("No column of this table has addresses with http:// or https://. Name the column.")
    return counts.most_common(1)[0][0]


def _opml(body: bytes) -> Written:
    """The feeds of the outlines of OPML (http://opml.org/spec2.opml), at any depth."""
    parser = expat.ParserCreate()
    lines: list[tuple[int, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        address = next((attributes[name] for name in _FEEDS if attributes.get(name)), "")
        if tag.lower() == "outline" and address:
            lines.append((parser.CurrentLineNumber, address.strip()))

    def refuse(*_: object) -> None:
        raise ValueError("This OPML declares entities of its own, which are not read.")

    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise ValueError(f"This OPML is damaged in line {error.lineno}: {why}.") from error
    return Written("OPML", lines)


def _sitemap(body: bytes) -> Written:
    """What a sitemap or feed lists; an index lists sitemaps, which would have to be fetched."""
    sitemap = read_sitemap(body, "https://nowhere.invalid/")
    if any(entry.is_sitemap for entry in sitemap.entries):
        raise ValueError(
            "This is an index of sitemaps, with no addresses of pages. Give one of its sitemaps, or write "
            "its address under 'More sitemaps or feeds' of a seed."
        )
    lines = [(number, entry.url) for number, entry in enumerate(sitemap.entries, start=1)]
    return Written("sitemap", lines, sitemap.warnings)
