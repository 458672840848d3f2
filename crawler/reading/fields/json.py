"""The kind ``json``: a JMESPath into the data of a document, or of a page's scripts.

In a JSON document, a path begins at its value; in an item that is a part of the data, at the item. In a page
the data of scripts is looked at. A path whose first word is the name of such data looks at that first:
``__NEXT_DATA__.props.product`` or ``__NEXT_DATA__ | props.product``; any other gives what it finds in the
first data in which it finds something. A list that a path gives counts with all its entries.
"""

from __future__ import annotations

import re
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from crawler.reading.fields.kind import MAX_MATCHES, Place, ReadsAll
from crawler.reading.structured.scripts import script_data
from crawler.reading.text import fold

MAX_GROWTH = 100  # by which a result may be larger than the data
MAX_PARTS = 100  # of a path that stand in each other
_FIRST_WORD = re.compile(r"\s*(?:\"([^\"\\]+)\"|([A-Za-z_]\w*))")
_BUILDS = frozenset(("multi_select_list", "multi_select_dict", "function_expression"))
_CHOOSES = frozenset(("comparator", "not_expression", "field", "literal"))


def check(rule: str) -> None:
    """ValueError with a sentence for people if a path cannot be used."""
    compile(rule)


def compile(rule: str) -> _Reader:
    """The reader of a path; ValueError as in :func:`check`."""
    try:
        path = jmespath.compile(rule)
        growth = _growth(path.parsed, 0)
    except (JMESPathError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{rule!r} is not a JMESPath that can be used: {reason}.") from error
    if growth > MAX_GROWTH:
        raise ValueError(f"{rule!r} is not a JMESPath that can be used: what it makes grows too large.")
    word = _FIRST_WORD.match(rule)
    return _Reader(path, (word[1] or word[2]) if word else "")


class _Reader(ReadsAll):
    """Reads what a path gives; objects can be items."""

    def __init__(self, path: Any, first_word: str) -> None:
        self._path, self._first_word = path, first_word

    def all(self, place: Place) -> list[Any]:
        return [fold(value) if isinstance(value, str) else value for value in self._values(place)]

    def items(self, place: Place) -> list[Place]:
        parts = (value for value in self._values(place) if isinstance(value, dict | list))
        return [Place(place.document, part) for part in parts]

    def _values(self, place: Place) -> list[Any]:
        result = self._result(place)
        values = result if isinstance(result, list) else [result]
        return [value for value in values[:MAX_MATCHES] if value is not None]

    def _result(self, place: Place) -> Any:
        if isinstance(place.part, dict | list):
            return self._search(place.part)
        if place.document.data is not None:
            return self._search(place.document.data)
        data = script_data(place.document)
        named = {each.name: each.value for each in data if each.name and each.name == self._first_word}
        values = [*([named] if named else []), *(each.value for each in data)]
        results = map(self._search, values)
        return next((result for result in results if result not in (None, [])), None)

    def _search(self, value: Any) -> Any:
        try:
            return self._path.search(value)
        except (
            JMESPathError,
            TypeError,
            ValueError,
            RecursionError,
        ):  # of the wrong type, as only data shows
            return None


def _growth(node: dict[str, Any], depth: int) -> int:
    """How many times larger than the data the result of a part of a path can be, at most."""
    if depth > MAX_PARTS:
        raise RecursionError("it is nested too deep")
    parts = [_growth(child, depth + 1) for child in node["children"] if isinstance(child, dict)]
    kind = node["type"]
    if kind in _CHOOSES or not parts:
        return 1
    if kind in _BUILDS:
        return max(1, sum(parts))
    product = 1
    for part in parts:
        product = min(product * part, 10**9)
    return product
