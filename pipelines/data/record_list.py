"""A list of records: which of them, in which order, with which columns. Its address says all of it.

``seed`` (a number) and ``collection``; ``text`` in a value or the address; ``changed_since`` (``24h``, ``7d``
or a date); ``gone=yes`` for those that are gone too; ``view=versions`` for all values that records had;
``as_of`` (a moment); ``sort`` and ``columns`` (names of fields, with commas). A filter of a field is its
name, a dot and what is asked:
``price.lt=20``, ``name.contains=tea``, ``price.between=10..20``, ``sku.empty=yes``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode

import msgspec

from pipelines.data import operands

CONTAINS, IS, LT, GT, BETWEEN = "contains", "is", "lt", "gt", "between"
EMPTY, CHANGED_SINCE = "empty", "changed_since"
LATEST, VERSIONS = VIEWS = ("latest", "versions")
CHANGED, FIRST_SEEN, ADDRESS = ".changed", ".first_seen", ".address"
OWN = (CHANGED, FIRST_SEEN, ADDRESS)
"""What lists are sorted by beside fields; a field's name cannot begin with a dot."""

MOST_FILTERS, LONGEST, MOST_COLUMNS = 20, 500, 200
_YES_NO = ("yes", "no")


class Problem(NamedTuple):
    """A parameter of an address that is not understood, and a sentence that says why."""

    parameter: str
    sentence: str


class Condition(msgspec.Struct, frozen=True):
    """What is asked of a field: the field's name, one of :data:`ASKED`, and the text beside it."""

    field: str
    asked: str
    text: str

    @property
    def parameter(self) -> str:
        """Its name in an address."""
        return f"{self.field}.{self.asked}"

    def check(self, now: datetime) -> None:
        """Raises ValueError, with a half sentence, if the text makes no sense."""
        _CHECKS[self.asked](self.text, now)


def _some_text(text: str, _: datetime) -> None:
    if not text:
        raise ValueError("nothing is written to look for")


def _yes_or_no(text: str, _: datetime) -> None:
    if text not in _YES_NO:
        raise ValueError(f"“{text}” is neither yes nor no")


_CHECKS: dict[str, Callable[[str, datetime], object]] = {
    CONTAINS: _some_text,
    IS: _some_text,
    LT: lambda text, _: operands.size(text),
    GT: lambda text, _: operands.size(text),
    BETWEEN: lambda text, _: operands.span(text),
    EMPTY: _yes_or_no,
    CHANGED_SINCE: operands.since,
}
ASKED = tuple(_CHECKS)
"""What can be asked of a field."""


class RecordList(msgspec.Struct, frozen=True, kw_only=True):
    """Which records, how and in which order; what is empty or None asks for nothing."""

    seed: int | None = None
    collection: str = ""
    view: str = LATEST  # of VIEWS
    gone: bool = False  # also what is gone
    as_of: datetime | None = None
    text: str = ""  # in a value or the address; case does not matter
    changed_since: str = ""
    conditions: tuple[Condition, ...] = ()
    sort: str = ""  # a field or one of OWN, after a minus the largest first; empty: the newest records
    columns: tuple[str, ...] = ()  # fields; empty: all

    @classmethod
    def of_query(cls, query: str, now: datetime, others: Collection[str] = ()) -> tuple[Self, list[Problem]]:
        """The list that an address asks for, and what in it makes no sense, which then asks for nothing.

        ``others``: parameters that mean something else.
        """
        reader = _Reader(now)
        for name, text in parse_qsl(query.lstrip("?"), keep_blank_values=True):
            if name not in others:
                reader.take(name.replace("\0", ""), text.replace("\0", "").strip())
        reader.agree()
        return cls(**reader.values, conditions=tuple(dict.fromkeys(reader.conditions))), reader.problems

    @property
    def query(self) -> str:
        """The address, in one order; :meth:`of_query` reads it."""
        return urlencode(list(self._pairs()))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        if self.seed is not None:
            yield "seed", str(self.seed)
        for name in ("collection", "text", "changed_since"):
            if value := getattr(self, name):
                yield name, value
        if self.view != LATEST:
            yield "view", self.view
        if self.gone:
            yield "gone", "yes"
        if self.as_of is not None:
            yield "as_of", self.as_of.isoformat()
        yield from ((each.parameter, each.text) for each in self.conditions)
        if self.sort:
            yield "sort", self.sort
        if self.columns:
            yield "columns", ",".join(self.columns)

    @property
    def filtered(self) -> bool:
        """Whether it asks for a part of the records only."""
        return bool(self.text or self.changed_since or self.conditions)


class _Reader:
    """The parameters of an address, one after the other."""

    def __init__(self, now: datetime) -> None:
        self.values: dict[str, Any] = {}
        self.conditions: list[Condition] = []
        self.problems: list[Problem] = []
        self._now = now

    def take(self, name: str, text: str) -> None:
        """Read one; of two with the same name the later one counts, but all filters of fields do."""
        with self._problem_of(name):
            if len(text) > LONGEST and name != "columns":
                raise ValueError(f"it is longer than {LONGEST} characters")
            if name not in _PARAMETERS:
                self._condition(name, text)
            elif text:
                self.values[name] = _PARAMETERS[name](text, self._now)

    def agree(self) -> None:
        """Leave out what makes no sense beside the others."""
        past, versions = "as_of" in self.values, self.values.get("view") == VERSIONS
        asks_since = any(each.asked == CHANGED_SINCE for each in self.conditions)
        if past and ("changed_since" in self.values or asks_since):
            self._leave_out("as_of", "what changed since then is asked of how things are now")
        elif past and versions:
            self._leave_out("as_of", "all values that records had are of no one moment")
        if versions and "sort" in self.values:
            self._leave_out("sort", "all values that records had stay in the order of their time")

    def _leave_out(self, name: str, reason: str) -> None:
        del self.values[name]
        self.problems.append(Problem(name, f"{name}: {reason}."))

    @contextmanager
    def _problem_of(self, name: str) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            self.problems.append(Problem(name, f"{name[:100]}: {error}."))

    def _condition(self, name: str, text: str) -> None:
        field, _, asked = name.rpartition(".")
        if not field or asked not in _CHECKS:
            raise ValueError(f"no filter has this name; write a field, a dot and one of {', '.join(ASKED)}")
        if len(self.conditions) >= MOST_FILTERS:
            raise ValueError(f"there are more than {MOST_FILTERS} filters")
        condition = Condition(field, asked, text)
        condition.check(self._now)
        self.conditions.append(condition)


def _seed(text: str, _: datetime) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(f"“{text}” is no number of a seed")
    return int(text)


def _text(text: str, _: datetime) -> str:
    return text


def _since(text: str, now: datetime) -> str:
    operands.since(text, now)
    return text


def _view(text: str, _: datetime) -> str:
    if text not in VIEWS:
        raise ValueError(f"“{text}” is neither {' nor '.join(VIEWS)}")
    return text


def _gone(text: str, now: datetime) -> bool:
    _yes_or_no(text, now)
    return text == "yes"


def _moment(text: str, now: datetime) -> datetime:
    moment = operands.moment(text)
    if moment > now:
        raise ValueError(f"{moment:%Y-%m-%d %H:%M} UTC is still to come; leave it out for how things are now")
    return moment


def _names(text: str, _: datetime) -> tuple[str, ...]:
    names = (each.strip() for each in text.split(","))
    return tuple(dict.fromkeys(filter(None, names)))[:MOST_COLUMNS]


_PARAMETERS: dict[str, Callable[[str, datetime], object]] = {
    "seed": _seed,
    "collection": _text,
    "text": _text,
    "changed_since": _since,
    "view": _view,
    "gone": _gone,
    "as_of": _moment,
    "sort": _text,
    "columns": _names,
}
