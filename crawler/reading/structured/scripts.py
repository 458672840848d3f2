"""Data that scripts of a page hold, read without running them.

Scripts of a JSON type (``<script type="application/json" id="__NEXT_DATA__">``), and what scripts assign to a
name: ``window.X = {…}``, ``var X = […]``, ``self["X"] = JSON.parse("…")``. JSON-LD comes after all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import chompjs

from crawler.reading.document import Document
from crawler.reading.structured.json_value import check_depth, reading_numbers, storable_value
from crawler.reading.structured.lenient_json import load_lenient
from crawler.reading.structured.things import json_ld_values

MAX_READ = 20_000_000  # characters of scripts that are read of a document, those read twice counted twice
MAX_ASSIGNMENTS = 200  # of a document

_JSON_TYPE = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?json")
_SCRIPT_TYPES = frozenset(("", "module", "text/javascript", "application/javascript", "text/ecmascript"))
_ASSIGNMENT = re.compile(
    r"""(?:\b(?:window|self|globalThis)\s?(?:\.\s?([A-Za-z_$][\w$]*)|\[\s?["']([^"'\]]{1,200})["']\s?\])"""
    r"""|\b(?:var|let|const)\s+([A-Za-z_$][\w$]*))\s{0,20}=\s{0,20}(?=[{\[]|JSON\.parse\()"""
)
_PARSE = re.compile(r"""JSON\.parse\(\s{0,20}(?:("(?:[^"\\]|\\.)*+")|'((?:[^'\\]|\\.)*+)')""", re.DOTALL)
_ESCAPED = re.compile(r"""\\(.)|(")""", re.DOTALL)


class NamedData(NamedTuple):
    """A value, and the name under which the page has it; empty if it has none."""

    name: str
    value: Any


def script_data(document: Document) -> list[NamedData]:
    """The data of all scripts, in document order, those of JSON-LD last; what cannot be read is left out."""
    if "scripts" not in document.derived:
        linked = [NamedData("", value) for value in json_ld_values(document)]
        document.derived["scripts"] = [*_read(document), *linked]
    data: list[NamedData] = document.derived["scripts"]
    return data


def _read(document: Document) -> Iterator[NamedData]:
    left = MAX_READ
    assignments = 0
    for script in document.tree.find_all("script") if document.tree is not None else ():
        mime = (script.attr("type") or "").partition(";")[0].strip().lower()
        text = script.text
        if _JSON_TYPE.fullmatch(mime) and mime != "application/ld+json":
            left -= len(text)
            if left >= 0:
                yield from _loaded(script.attr("id") or "", text)
        elif mime in _SCRIPT_TYPES:
            for match in _ASSIGNMENT.finditer(text):
                left -= len(text) - match.end()
                assignments += 1
                if left < 0 or assignments > MAX_ASSIGNMENTS:
                    return
                yield from _assigned(match[1] or match[2] or match[3], text, match.end())


def _loaded(name: str, text: str) -> Iterator[NamedData]:
    try:
        yield NamedData(name, load_lenient(text))
    except ValueError:
        return


def _assigned(name: str, text: str, start: int) -> Iterator[NamedData]:
    if match := _PARSE.match(text, start):
        quoted = match[1] or f'"{_ESCAPED.sub(_double_quoted, match[2])}"'
        for literal in _loaded(name, quoted):
            yield from _loaded(name, literal.value) if isinstance(literal.value, str) else ()
        return
    rest = text[start:]
    try:
        value: Any = chompjs.parse_js_object(rest, loader_kwargs=reading_numbers(rest))
        yield NamedData(name, storable_value(check_depth(value)))
    except (ValueError, RecursionError):
        return


def _double_quoted(match: re.Match[str]) -> str:
    """A character of a text in single quotes, as JSON has it in double quotes."""
    return "'" if match[1] == "'" else '\\"' if match[2] else match[0]
