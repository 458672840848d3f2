"""The filters of a list of records in words, and a form's answers as the address that they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from catalog.models import Seed
from djsite.desk.data.columns import Columns
from djsite.desk.shown import shown
from pipelines.data.record_list import (
    ADDRESS,
    BETWEEN,
    CHANGED,
    CHANGED_SINCE,
    CONTAINS,
    EMPTY,
    FIRST_SEEN,
    GT,
    IS,
    LT,
    VERSIONS,
    Condition,
    RecordList,
)

FILLED = "filled"  # in forms; an address says that a field is not empty
ASKED = {
    CONTAINS: "contains",
    IS: "is",
    LT: "is less than, or before",
    GT: "is more than, or after",
    BETWEEN: "is between (10..20)",
    EMPTY: "is empty",
    FILLED: "is filled",
    CHANGED_SINCE: "has changed since",
}
"""What people may ask of a field, in words."""
SINCE = {"1h": "the last hour", "24h": "the last day", "7d": "the last week", "30d": "the last 30 days"}
SORTS = {CHANGED: "changed", FIRST_SEEN: "first seen", ADDRESS: "address"}
_SHORT = {CONTAINS: "contains", IS: "is", LT: "<", GT: ">", CHANGED_SINCE: "changed since"}


class Chip(NamedTuple):
    """A filter in words, and the address of the list without it."""

    words: str
    without: str


def chips(wanted: RecordList) -> Iterator[Chip]:
    """Each filter that is in use."""
    if wanted.text:
        yield _chip(wanted, f"“{shown(wanted.text)}” in a value or the address", text="")
    if wanted.changed_since:
        yield _chip(wanted, _changed_words(wanted.changed_since), changed_since="")
    for each in wanted.conditions:
        others = tuple(other for other in wanted.conditions if other != each)
        yield _chip(wanted, condition_words(each), conditions=others)
    if wanted.gone:
        yield _chip(wanted, "also what is gone", gone=False)


def _chip(wanted: RecordList, words: str, **without: object) -> Chip:
    return Chip(words, msgspec.structs.replace(wanted, **without).query)


def list_words(wanted: RecordList, seed: str) -> list[str]:
    """All of what a list shows, a half sentence for each part."""
    sort = wanted.sort.removeprefix("-")
    sorted_by = f"sorted by {shown(SORTS.get(sort, sort))}{', largest first' if sort != wanted.sort else ''}"
    return [
        *([f"seed {seed}"] if seed else []),
        *([shown(wanted.collection)] if wanted.collection else []),
        *(chip.words for chip in chips(wanted)),
        *(["all versions"] if wanted.view == "versions" else []),
        *([f"as of {wanted.as_of:%Y-%m-%d %H:%M} UTC"] if wanted.as_of else []),
        *([sorted_by] if sort else []),
    ]


def condition_words(condition: Condition) -> str:
    """``price < 20``."""
    name, text = shown(condition.field), shown(condition.text)
    if condition.asked == EMPTY:
        return f"{name} is {'empty' if condition.text == 'yes' else 'filled'}"
    if condition.asked == BETWEEN:
        low, _, high = text.partition("..")
        return f"{name} from {low} to {high}"
    if condition.asked == CHANGED_SINCE:
        return f"{name} {_changed_words(condition.text)}"
    quoted = f"“{text}”" if condition.asked == CONTAINS else text
    return f"{name} {_SHORT[condition.asked]} {quoted}"


def hints(seed: Seed, wanted: RecordList) -> list[str]:
    """Where a size is asked of a field that is read as text, which has none: what to do."""
    types = {
        field.name: field.type
        for collection in seed.policy().collections
        if collection.name == wanted.collection
        for field in collection.fields
    }
    asked = {each.field: None for each in wanted.conditions if each.asked in (LT, GT, BETWEEN)}
    return [
        f"{name} is read as text, which has no size: give it the type number, money or date in the seed."
        for name in asked
        if types.get(name) == "text"
    ]


def _changed_words(since: str) -> str:
    return f"changed in {SINCE[since]}" if since in SINCE else f"changed since {shown(since)}"


class Header(NamedTuple):
    """The head of a column: its label, the address of the list in its order, and the order of it now."""

    label: str
    query: str
    order: str  # ascending, descending or empty


def sort_headers(wanted: RecordList, columns: Columns) -> list[Header]:
    """The heads of the columns: of the names, of the fields that are shown, and of the last change."""
    names = [
        ("Record", columns.sort_of_name),
        *((name, name) for name in columns.shown),
        ("Changed", CHANGED),
    ]
    return [_header(wanted, label, name) for label, name in names]


def _header(wanted: RecordList, label: str, name: str) -> Header:
    order = {name: "ascending", f"-{name}": "descending"}.get(wanted.sort, "")
    return Header(label, "" if wanted.view == VERSIONS else _sorted_by(wanted, name), order)


def _sorted_by(wanted: RecordList, name: str) -> str:
    """The address of the list in the order of a column; then the other way round, then as it was."""
    turns = {"": name, name: f"-{name}", f"-{name}": ""}
    sort = turns.get(wanted.sort, name)
    return msgspec.structs.replace(wanted, sort=sort).query


def with_columns(wanted: RecordList, columns: Sequence[str]) -> str:
    """The address of the list with these columns."""
    return msgspec.structs.replace(wanted, columns=tuple(columns)).query


def seen_as(wanted: RecordList, view: str) -> str:
    """The address of the list in another view, of how things are now."""
    sort = "" if view == "versions" else wanted.sort
    return msgspec.structs.replace(wanted, view=view, sort=sort, as_of=None).query


def query_of_form(pairs: Iterable[tuple[str, str]]) -> str:
    """The address that a form's answers mean.

    A filter to be added is three of them: ``field``, ``asked`` and ``value``. A column that is chosen is
    ``column``; ``all_columns`` says how many there are, so that all of them need not be named.
    """
    single, columns, query = dict(pairs), [], []
    for name, text in pairs:
        if name == "column":
            columns.append(text)
        elif name not in ("field", "asked", "value", "all_columns", "form"):
            query.append((name, text))
    if str(len(columns)) != single.get("all_columns"):
        query.append(("columns", ",".join(columns)))
    if field := single.get("field"):
        query.append(_added(field, single.get("asked", ""), single.get("value", "")))
    return urlencode([(name, text) for name, text in query if text or "." in name])


def _added(field: str, asked: str, value: str) -> tuple[str, str]:
    if asked in (EMPTY, FILLED):
        return f"{field}.{EMPTY}", "yes" if asked == EMPTY else "no"
    return f"{field}.{asked}", value
