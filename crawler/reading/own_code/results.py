"""What an extractor yields, and the checks of it: values that JSON can hold, within bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from crawler.reading.text import storable

MAX_RECORDS = 10_000  # of a page
MAX_BYTES = 1_000_000  # of the values of a page, as JSON
MAX_LINKS = 10_000  # of a page
MAX_DEPTH = 20  # of lists and objects in a value
_LARGEST = 2**63


class Record(msgspec.Struct, frozen=True):
    """A record of a collection that the seed has."""

    collection: str
    values: Mapping[str, Any]


class Link(msgspec.Struct, frozen=True):
    """An address to visit, absolute or as a page has it; the seed's scope decides about it."""

    url: str


class Results(msgspec.Struct, kw_only=True):
    """What was taken of one page."""

    records: list[tuple[str, dict[str, Any]]] = []  # collection (empty: not said), values
    links: list[str] = []
    problem: str = ""  # a sentence: why there may be more that was not taken
    trace: list[str] = []  # lines of the extractor's own file that led to it


class TooMuch(ValueError):
    """A page gives more than a page may."""


def collect(yielded: Iterator[Any], results: Results) -> None:
    """Take what an extractor yields. ValueError, with a sentence, at the first mistake."""
    size = 0
    for each in yielded:
        if isinstance(each, Link):
            _take_link(each, results)
            continue
        collection, values = (each.collection, each.values) if isinstance(each, Record) else ("", each)
        if not isinstance(values, Mapping) or not isinstance(collection, str):
            raise ValueError(f"It yields a {type(each).__name__}. Yield a dict, a Record or a Link.")
        if len(results.records) >= MAX_RECORDS:
            raise TooMuch(f"Only its first {MAX_RECORDS:,} records of the page are read.")
        plain = _plain(values, f"record {len(results.records) + 1}", 0)
        size += len(msgspec.json.encode(plain))
        if size > MAX_BYTES:
            raise TooMuch(f"Only its first {MAX_BYTES // 1_000_000} MB of values of the page are read.")
        results.records.append((collection, plain))


def _take_link(link: Link, results: Results) -> None:
    if not isinstance(link.url, str):
        raise ValueError(f"A link's url is a {type(link.url).__name__}. Give it a text.")
    if len(results.links) >= MAX_LINKS:
        raise TooMuch(f"Only its first {MAX_LINKS:,} links of the page are followed.")
    results.links.append(storable(link.url))


def _plain(value: Any, where: str, depth: int) -> Any:
    """A value as JSON holds it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return storable(str(value))
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) >= _LARGEST:
            raise ValueError(f"{where} is no number that JSON can hold. Give it as a text, or leave it out.")
        return value
    if depth >= MAX_DEPTH:
        raise ValueError(f"{where} is nested too deep: {MAX_DEPTH} levels are the most.")
    if isinstance(value, list | tuple):
        return [_plain(each, f"{where}, entry {at}", depth + 1) for at, each in enumerate(value, start=1)]
    if isinstance(value, Mapping):
        return {
            _name(name, where): _plain(each, f"{where}, {str(name)[:60]!r}", depth + 1)
            for name, each in value.items()
        }
    raise ValueError(f"{where} is a {type(value).__name__}, which JSON cannot hold. Give it as a text.")


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str):
        raise ValueError(f"{where} has the name {name!r:.60}. Names are texts.")
    return storable(name)
