"""The kind ``url``: a part of the page's own address.

``url``, ``host`` or ``path``; ``path 2``, the second segment of the path, and ``path -1``, the last;
``query id``, a parameter; ``re:/item/([0-9]+)``, what a regular expression (RE2) finds, or its first group.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import re2

from crawler.reading.fields.kind import Place, ReadsAll
from crawler.reading.text import fold
from crawler.rules.patterns import check_pattern

_SEGMENT = re.compile(r"path\s+(-?[1-9][0-9]?)")
_QUERY = re.compile(r"query\s+(\S+)")

_Read = Callable[[str], list[str]]


def check(rule: str) -> None:
    """ValueError with a sentence for people if it names no part of an address."""
    _read_of(rule)


def compile(rule: str) -> _Reader:
    """The reader of a part; ValueError as in :func:`check`."""
    return _Reader(_read_of(rule))


class _Reader(ReadsAll):
    def __init__(self, read: _Read) -> None:
        self._read = read

    def all(self, place: Place) -> list[str]:
        return [fold(value) for value in self._read(place.document.url)] if place.document.url else []


def _read_of(rule: str) -> _Read:
    written = rule.strip()
    if written in _PARTS:
        return _PARTS[written]
    if segment := _SEGMENT.fullmatch(written):
        return _segment(int(segment[1]))
    if query := _QUERY.fullmatch(written):
        return _parameter(query[1])
    if written.startswith("re:"):
        return _expression(written)
    raise ValueError(
        f"{rule!r} is no part of an address. Write 'url', 'host', 'path', 'path 2' for a part of the path, "
        r"'query id' for a parameter, or a regular expression like 're:/item/(\d+)'."
    )


_PARTS: dict[str, _Read] = {
    "url": lambda url: [url],
    "host": lambda url: [urlsplit(url).hostname or ""],
    "path": lambda url: [unquote(urlsplit(url).path)],
}


def _segment(number: int) -> _Read:
    def read(url: str) -> list[str]:
        segments = [part for part in urlsplit(url).path.split("/") if part]
        at = number - 1 if number > 0 else len(segments) + number
        return [unquote(segments[at])] if 0 <= at < len(segments) else []

    return read


def _parameter(name: str) -> _Read:
    return lambda url: [value for each, value in parse_qsl(urlsplit(url).query, True) if each == name]


def _expression(written: str) -> _Read:
    check_pattern(written)
    options = re2.Options()
    options.log_errors = False
    program: Any = re2.compile(written.removeprefix("re:"), options)

    def read(url: str) -> list[str]:
        match = program.search(url)
        return [match[1 if program.groups else 0] or ""] if match else []

    return read
