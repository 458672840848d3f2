"""Traps that a forecast meets: kinds of addresses that grow for ever and show nothing new."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from typing import NamedTuple

import msgspec

from crawler.forecasting.kinds import Kinds
from crawler.forecasting.rows import place_of
from crawler.forecasting.seen import SeenPage, Survey
from crawler.rules.traps import most_repeated

ALIKE = 4  # pages of a kind that say the same
FILTERS = 2  # names in a query that combine
MANY = 30  # addresses of a kind, before its names are called filters
REPEATED = 3  # times one segment in a path
ENOUGH = 3  # pages of dates
_SESSION = re.compile(r"[?&;]([A-Za-z_]*(?:sid|sess|token)[A-Za-z_]*)=([^&;]{8,})", re.IGNORECASE)
_DAYS = re.compile(r"(?<![a-z])(calendar|month|year|week|date|day)(?![a-z])", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?:[-/]?(?:0?[1-9]|1[0-2])(?:[-/]?[0-3]?\d)?)?/?$")


class Trap(msgspec.Struct, frozen=True):
    """A kind of addresses that has no end."""

    kind: str
    cause: str  # session, calendar, filters, same, endless, repeated
    detail: str = ""
    example: str = ""


class _Group(NamedTuple):
    kind: str
    pages: list[SeenPage]
    urls: set[str]


def traps_of(survey: Survey, kinds: Kinds) -> list[Trap]:
    """The traps in what was seen, each once."""
    groups = list(_groups(survey, kinds))
    combined = set(_combined([group.kind for group in groups]))
    traps = [trap for group in groups if (trap := _trap(group, combined)) is not None]
    return [*traps, *_single_filters(traps, groups)]


def _single_filters(traps: list[Trap], groups: list[_Group]) -> Iterator[Trap]:
    """The kinds with one or some of the names of a query that combine to a trap."""
    known = {trap.kind for trap in traps}
    combined = [trap.kind for trap in traps if trap.cause == "filters"]
    for group in groups:
        if group.kind not in known and any(_is_part(group.kind, kind) for kind in combined):
            yield Trap(group.kind, "filters", ", ".join(_names(group.kind)), min(group.urls))


def _combined(kinds: list[str]) -> Iterator[str]:
    """The kinds whose names in the query are met alone, too, at the same path: they are combined at will."""
    for kind in kinds:
        names, path = _names(kind), kind.partition("?")[0]
        if len(names) >= FILTERS and all(f"{path}?{name}" in kinds for name in names):
            yield kind


def _is_part(kind: str, whole: str) -> bool:
    """Whether a kind has some of the names in the query of another, at the same path."""
    names = set(_names(kind))
    return bool(names) and names < set(_names(whole)) and kind.partition("?")[0] == whole.partition("?")[0]


def _groups(survey: Survey, kinds: Kinds) -> Iterator[_Group]:
    pages: dict[str, list[SeenPage]] = defaultdict(list)
    urls: dict[str, set[str]] = defaultdict(set)
    for page in survey.pages:
        pages[kinds.of(page.url)].append(page)
        for url in page.links:
            urls[kinds.of(url)].add(url)
    for kind, linked in urls.items():
        yield _Group(kind, pages[kind], linked)


def _trap(group: _Group, combined: Set[str]) -> Trap | None:
    example = min(group.urls, default="")
    if name := _session(group):
        return Trap(group.kind, "session", name, example)
    if max(map(most_repeated, group.urls), default=0) > REPEATED:
        return Trap(group.kind, "repeated", "", max(group.urls, key=most_repeated))
    if _is_calendar(group):
        return Trap(group.kind, "calendar", "", example)
    if _are_filters(group) or group.kind in combined:
        return Trap(group.kind, "filters", ", ".join(_names(group.kind)), example)
    return Trap(group.kind, "same", "", example) if _say_the_same(group) else None


def _session(group: _Group) -> str:
    """The name of a query parameter whose value is another on each page."""
    values: dict[str, set[str]] = defaultdict(set)
    for url in group.urls:
        if match := _SESSION.search(url):
            values[match[1]].add(match[2])
    return next((name for name, each in values.items() if len(each) > 2), "")


def _is_calendar(group: _Group) -> bool:
    """Pages of dates, each of which leads to further dates that no other leads to."""
    if not _DAYS.search(group.kind) and not all(_DATE.search(url) for url in group.urls):
        return False
    read = [page for page in group.pages if page.stored]
    times = Counter(url for page in read for url in {*page.links} & group.urls)
    return len(read) >= ENOUGH and all(any(times[url] == 1 for url in page.links) for page in read)


def _are_filters(group: _Group) -> bool:
    names = _names(group.kind)
    if len(names) < FILTERS or len(group.urls) < MANY:
        return False
    values = [Counter(re.findall(rf"[?&]{re.escape(name)}=([^&]*)", " ".join(group.urls))) for name in names]
    return sum(len(each) > 1 for each in values) >= FILTERS


def _names(kind: str) -> list[str]:
    """The names in the query of a kind, but for that of a list's pages."""
    names = kind.partition("?")[2].split("&")
    return [name for name in names if name and not place_of(f"{kind.partition('?')[0]}?{name}=1")]


def _say_the_same(group: _Group) -> bool:
    read = [page for page in group.pages if page.stored]
    times = Counter(page.signature for page in read)
    return len(read) >= ALIKE and max(times.values()) >= 0.7 * len(read)
