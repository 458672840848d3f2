"""Checking what somebody wrote about a seed, with a sentence for each part that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from crawler.collections import PAGES
from crawler.lanes import Lane
from crawler.policy import ChangeMeans, Scope
from crawler.reading.content import MAX_NOISE, check_noise_line
from crawler.rules.patterns import MAX_PATTERNS, Patterns, check_pattern
from crawler.seed_requests import MAX_REQUESTS
from crawler.seeds import checks, collection_checks, cron
from crawler.seeds.numbers import check_number, numbers
from crawler.seeds.spec import CatchUp, Overlap, Schedule, lines

SHOWN = 5  # wrong lines that are named for one field
CHOICES = {
    "scope": Scope,
    "schedule": Schedule,
    "overlap": Overlap,
    "catch_up": CatchUp,
    "lane": Lane,
    "change_means": ChangeMeans,
}

Check = Callable[[Any], Any]


class Problem(NamedTuple):
    """Why a part of a seed cannot be used, in a sentence for people; ``line`` counts from 1."""

    field: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        return self.text if self.line is None else f"Line {self.line}: {self.text}"


def check(written: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """What somebody wrote about a seed, tidied, and everything that is wrong with it.

    ``written`` is as :func:`crawler.seeds.spec_of` takes it, and so is the tidied form; what is missing is
    not checked. Wrong lines are left out of the tidied form, other wrong values stay as they were.
    """
    reader = _Reader(written)
    reader.read()
    return reader.tidied, reader.problems


def check_field_lines(text: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Fields as people write them, ``name = selector`` a line, in plain form; and what is wrong with them."""
    reader = _Reader({})
    return reader.fields(lines(text), checks.field_line), reader.problems


class _Reader:
    """Reads one seed and notes what is wrong with it."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        self.tidied = dict(written)
        self.problems: list[Problem] = []

    def read(self) -> None:
        self._lines("allow_networks", checks.network)
        networks = lines(self.tidied.get("allow_networks", ""))
        for field in ("start_urls", "sitemaps"):
            self._lines(field, lambda line: checks.reachable(line, networks))
        self._requests(networks)
        for field in ("include", "exclude"):
            self._patterns(field)
        self._lines("ignore_params", checks.parameter)
        self._lines("headers", checks.header)
        self._lines("accept", checks.overruled)
        self._noise()
        self._part("name", checks.name)
        self._part("user_agent", checks.user_agent)
        if "fields" in self.tidied:
            self.tidied["fields"] = self.fields(self.tidied["fields"], collection_checks.field)
        if "collections" in self.tidied:
            self._collections()
        for field in numbers():
            self._part(field, partial(check_number, field))
        for field, choice in CHOICES.items():
            self._part(field, partial(checks.choice, choices=choice))
        self._schedule()
        self._robots()

    def fields(self, entries: Iterable[Any], parse: Check) -> list[dict[str, Any]]:
        """Fields in plain form; each name once."""
        kept = self._each("fields", entries, _named_once(parse, "field", set()))
        if len(kept) > collection_checks.MAX_FIELDS:
            self._note("fields", f"A seed has at most {collection_checks.MAX_FIELDS} fields. Leave some out.")
        return kept

    def _collections(self) -> None:
        """Collections in plain form; each name once, and none that is that of the seed's own fields."""
        entries = self.tidied["collections"]
        names = {PAGES} if self.tidied.get("fields") else set()
        parse = _named_once(collection_checks.collection, "collection", names)
        self.tidied["collections"] = self._each("collections", entries, parse)
        if len(entries) > collection_checks.MAX_COLLECTIONS:
            most = collection_checks.MAX_COLLECTIONS
            self._note("collections", f"A seed has at most {most} collections. Leave some out.")

    def _lines(self, field: str, check_line: Check) -> None:
        if field in self.tidied:
            kept = self._each(field, lines(self.tidied[field]), check_line)
            self.tidied[field] = "\n".join(kept)

    def _requests(self, networks: list[str]) -> None:
        entries = self.tidied.get("requests") or []
        if not isinstance(entries, list) or len(entries) > MAX_REQUESTS:
            self._note("requests", f"Write a list of at most {MAX_REQUESTS} requests.")
        elif "requests" in self.tidied:
            kept = self._each("requests", entries, lambda entry: checks.request(entry, networks))
            self.tidied["requests"] = kept

    def _patterns(self, field: str) -> None:
        """Patterns are checked each, and then together: a list of them has a bound too."""
        if len(lines(self.tidied.get(field, ""))) <= MAX_PATTERNS:
            self._lines(field, check_pattern)
        self._part(field, _check_together)

    def _noise(self) -> None:
        self._lines("noise", check_noise_line)
        if len(lines(self.tidied.get("noise", ""))) > MAX_NOISE:
            self._note(
                "noise", f"A seed has at most {MAX_NOISE} such lines. Join some: a selector may be a list."
            )

    def _each(self, field: str, entries: Iterable[Any], check_entry: Check) -> list[Any]:
        """The entries that are right. The first few wrong ones are named, the others counted."""
        kept, wrong = [], []
        for number, entry in enumerate(entries, start=1):
            try:
                kept.append(check_entry(entry))
            except ValueError as error:
                wrong.append(Problem(field, str(error), number))
        self.problems += wrong[:SHOWN]
        if len(wrong) > SHOWN:
            self._note(field, f"{len(wrong) - SHOWN} more lines are not in order.")
        return kept

    def _part(self, field: str, check_value: Check) -> None:
        """Tidy a value, or note what is wrong with it and leave it unchanged."""
        if field in self.tidied:
            try:
                self.tidied[field] = check_value(self.tidied[field])
            except ValueError as error:
                self._note(field, str(error))

    def _note(self, field: str, text: str) -> None:
        self.problems.append(Problem(field, text))

    def _schedule(self) -> None:
        """Only the schedule in use is checked."""
        self._part("time_zone", cron.check_zone)
        schedule, zone = self.tidied.get("schedule"), self.tidied.get("time_zone", "UTC")
        if schedule == Schedule.INTERVAL:
            self._part("interval_seconds", checks.interval)
        elif schedule == Schedule.CRON and not any(problem.field == "time_zone" for problem in self.problems):
            self._part("cron", lambda line: cron.check(line, zone))

    def _robots(self) -> None:
        if self.tidied.get("obey_robots", True):
            return
        if not self.tidied.get("robots_reason", "").strip():
            self._note("robots_reason", "Write down why robots.txt may be ignored, or obey it.")


def _named_once(parse: Check, what: str, names: set[str]) -> Check:
    """The check of an entry that also refuses a name that an earlier one has."""

    def checked(entry: Any) -> dict[str, Any]:
        plain: dict[str, Any] = parse(entry)
        if plain["name"] in names:
            raise ValueError(f"The name {plain['name']!r} is used twice. Give each {what} a name of its own.")
        names.add(plain["name"])
        return plain

    return checked


def _check_together(text: str) -> str:
    """Patterns, one a line; ValueError, with a sentence for people, if they are too many."""
    if patterns := lines(text):
        Patterns(patterns)
    return text
