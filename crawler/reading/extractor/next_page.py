"""Where a list goes on: the link to its next page, or the address of this page counted on.

A rule of a kind that reads (``{"css": "a.next"}``, ``{"json": "paging.next"}``) gives the address; of an
element without an ending, its ``href`` counts. A rule that counts is of the kind ``url``: ``page=+1`` and
``offset=+20`` count a query parameter on, ``/page/+1`` the number after that part of the path. An address
without a number is that of the first page: 1 for steps of 1, else 0.
"""

from __future__ import annotations

import re
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from turbohtml import Element

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.fields import compile_rule
from crawler.reading.fields.kind import Place, RuleReader

MAX_NEXT = 10  # addresses of one document
_COUNTS = "url"
_PARAMETER = re.compile(r"([^\s=&?#/]+)=\+([1-9][0-9]{0,5})")
_PATH = re.compile(r"(/(?:[^\s?#]*/)?)\+([1-9][0-9]{0,5})")
_MOST = 10**9


class NextReader(Protocol):
    """A compiled rule for the next page."""

    counts: bool  # whether it leads on for ever, so that only pages with items are followed

    def links(self, document: Document) -> list[str]:
        """The addresses, as written in the document."""


def compile_next(rule: Rule) -> NextReader:
    """The reader of a rule for the next page; ValueError with a sentence for people if it cannot be used."""
    if rule.kind != _COUNTS:
        return _Reads(compile_rule(rule))
    if match := _PARAMETER.fullmatch(rule.rule.strip()):
        return _CountsParameter(match[1], int(match[2]))
    if match := _PATH.fullmatch(rule.rule.strip()):
        return _CountsPath(match[1], int(match[2]))
    raise ValueError(
        f"{rule.rule[:60]!r} does not count pages. Write it like 'page=+1' or 'offset=+20' for a parameter, "
        "or like '/page/+1' for a part of the path."
    )


class _Reads:
    counts = False

    def __init__(self, reader: RuleReader) -> None:
        self._reader = reader
        self._items = getattr(reader, "items", None)

    def links(self, document: Document) -> list[str]:
        place = Place(document)
        parts = [item.part for item in self._items(place)] if self._items else []
        hrefs = [part.attr("href") for part in parts if isinstance(part, Element)]
        written = [href for href in hrefs if href] or self._reader.all(place)
        return [text for text in written if isinstance(text, str) and text][:MAX_NEXT]


class _CountsParameter:
    counts = True

    def __init__(self, name: str, step: int) -> None:
        self._name, self._step = name, step

    def links(self, document: Document) -> list[str]:
        url = urlsplit(document.url)
        pairs = parse_qsl(url.query, keep_blank_values=True)
        present = [value for name, value in pairs if name == self._name]
        number = _counted(present[0] if present else "", self._step)
        if number is None:
            return []
        if present:
            counted = [(name, str(number) if name == self._name else value) for name, value in pairs]
        else:
            counted = [*pairs, (self._name, str(number))]
        return [urlunsplit(url._replace(query=urlencode(counted), fragment=""))]


class _CountsPath:
    counts = True

    def __init__(self, before: str, step: int) -> None:
        self._before, self._step = before, step
        self._number = re.compile(rf"{re.escape(before)}([0-9]{{1,9}})(?=/|$)")

    def links(self, document: Document) -> list[str]:
        url = urlsplit(document.url)
        match = next(reversed(list(self._number.finditer(url.path))), None)
        number = _counted(match[1] if match else "", self._step)
        if number is None:
            return []
        if match:
            path = f"{url.path[: match.start(1)]}{number}{url.path[match.end(1) :]}"
        else:
            path = f"{url.path.rstrip('/')}{self._before}{number}"
        return [urlunsplit(url._replace(path=path, fragment=""))]


def _counted(written: str, step: int) -> int | None:
    """The next number; None if there is another value, or the count has no end."""
    if not written:
        return step + (1 if step == 1 else 0)
    if not written.isdecimal() or len(written) > 9:
        return None
    number = int(written) + step
    return number if number < _MOST else None
