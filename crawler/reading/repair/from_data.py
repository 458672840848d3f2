"""Rules for values in data: JSON documents, data of scripts, JSON-LD and microdata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from crawler.collections import Rule
from crawler.reading.document import Document
from crawler.reading.fields.kind import Place
from crawler.reading.repair.candidate import Attempt
from crawler.reading.repair.values import Wanted
from crawler.reading.structured.scripts import script_data
from crawler.reading.structured.things import Thing, json_ld, microdata, types_of

MOST_LEAVES = 20_000
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Leaf(NamedTuple):
    """A value of data that holds no others, its way from the top, and its neighbours."""

    path: tuple[str | int, ...]
    value: Any
    around: Any


def leaves_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Leaf]:
    """The leaves, in order."""
    todo: list[Leaf] = [Leaf(path, value, None)]
    while todo:
        leaf = todo.pop()
        if isinstance(leaf.value, dict):
            todo += [
                Leaf((*leaf.path, name), part, leaf.value) for name, part in reversed(leaf.value.items())
            ]
        elif isinstance(leaf.value, list):
            parts = list(enumerate(leaf.value))
            todo += [Leaf((*leaf.path, at), part, leaf.value) for at, part in reversed(parts)]
        elif leaf.value is not None:
            yield leaf


def written(path: Sequence[str | int], *, all_of_lists: bool) -> str:
    """A path in JMESPath; lists by place, or all their entries."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += "[]" if all_of_lists else f"[{part}]"
        else:
            name = part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '\\"') + '"'
            text += f".{name}" if text else name
    return text


def json_attempts(place: Place, wanted: Wanted) -> Iterator[Attempt]:
    """Paths into a JSON document, or into the data of scripts."""
    for name, value in _data(place):
        before: tuple[str | int, ...] = (name,) if name else ()
        for leaf in _some(leaves_of(value, before)):
            if wanted.may_be(leaf.value):
                yield from _json_rules(leaf)


def _some(leaves: Iterator[Leaf]) -> Iterator[Leaf]:
    for _, leaf in zip(range(MOST_LEAVES), leaves, strict=False):
        yield leaf


def _data(place: Place) -> list[tuple[str, Any]]:
    if place.part is not None:
        return [("", place.part)] if isinstance(place.part, dict | list) else []
    if place.document.data is not None:
        return [("", place.document.data)]
    return [(each.name, each.value) for each in script_data(place.document)]


def _json_rules(leaf: Leaf) -> Iterator[Attempt]:
    frailty = 0.2 + 0.05 * len(leaf.path)
    if any(isinstance(part, int) for part in leaf.path[:-1]) or isinstance(leaf.path[-1], int):
        path = written(leaf.path, all_of_lists=True)
        yield Attempt(Rule("json", path), frailty)
        yield from _told_apart(leaf, frailty)
        yield Attempt(Rule("json", written(leaf.path, all_of_lists=False)), frailty + 1)
    else:
        yield Attempt(Rule("json", written(leaf.path, all_of_lists=False)), frailty)
    yield from _with_currency(leaf, frailty)


def _told_apart(leaf: Leaf, frailty: float) -> Iterator[Attempt]:
    """Only those of a list that say the same beside the value: ``people[?role=='author'].name``."""
    if len(leaf.path) < 2 or not isinstance(leaf.path[-2], int) or not isinstance(leaf.around, dict):
        return
    for name, value in leaf.around.items():
        if name != leaf.path[-1] and isinstance(value, str) and len(value) <= 30 and _PLAIN.fullmatch(name):
            before = written(leaf.path[:-2], all_of_lists=True)
            quoted = value.replace("\\", "").replace("'", "")
            rule = f"{before}[?{name}=='{quoted}'].{written(leaf.path[-1:], all_of_lists=True)}"
            yield Attempt(Rule("json", rule), frailty + 0.3)


def _with_currency(leaf: Leaf, frailty: float) -> Iterator[Attempt]:
    """An amount and the currency beside it."""
    if not isinstance(leaf.around, dict) or any(isinstance(part, int) for part in leaf.path):
        return
    before, name = written(leaf.path[:-1], all_of_lists=True), leaf.path[-1]
    for other, value in leaf.around.items():
        if isinstance(value, str) and _CURRENCY.fullmatch(value) and other != name:
            amount, currency = (written((each,), all_of_lists=True) for each in (name, other))
            pair = f"join(' ', [to_string({amount}), {currency}])"
            path = f"{before} && {before}.{pair}" if before else f"{amount} && {pair}"
            yield Attempt(Rule("json", path), frailty + 0.1)


def thing_attempts(place: Place, wanted: Wanted) -> Iterator[Attempt]:
    """Paths into JSON-LD and microdata; in an item that is a thing, from there."""
    for kind, things in _things(place.document):
        if isinstance(place.part, dict):
            if any(place.part is thing for thing in things):
                yield from _thing_rules(kind, "", place.part, wanted)
        else:
            for thing in things:
                for name in types_of(thing):
                    yield from _thing_rules(kind, f"{name}.", thing, wanted)


def _things(document: Document) -> list[tuple[str, list[Thing]]]:
    return [("jsonld", json_ld(document)), ("microdata", microdata(document))]


def _thing_rules(kind: str, before: str, thing: Thing, wanted: Wanted) -> Iterator[Attempt]:
    for leaf in _some(leaves_of(thing)):
        names = [part for part in leaf.path if isinstance(part, str)]
        if wanted.may_be(leaf.value) and not any("." in name or name.startswith("@") for name in names):
            yield Attempt(Rule(kind, before + ".".join(names)), 0.05 * len(names))
