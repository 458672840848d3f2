"""An explanation as plain values: sentences for people, and the same for programs. Its shape is public."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import msgspec


class Mark(enum.StrEnum):
    """Whether a step lets the address through."""

    YES = "yes"
    NO = "no"
    WAITS = "waits"
    UNKNOWN = "unknown"  # it says nothing for or against


class Code(enum.StrEnum):
    """Verdicts beside those of :mod:`crawler.outcomes`: outcomes, reasons and limits are codes too."""

    NOT_AN_ADDRESS = "not_an_address"
    NO_SEED = "no_seed"  # no seed goes there
    OUT_OF_SCOPE = "out_of_scope"
    EXCLUDED = "excluded"
    NOT_INCLUDED = "not_included"
    NOT_RUN = "not_run"  # its seed has not run yet
    NOT_YET = "not_yet"  # a run is going, and has not met it so far
    NOT_FOUND = "not_found"  # no page that was read leads to it
    NOT_FOLLOWED = "not_followed"  # a page links to it, and the run ended without it
    WAITING = "waiting"
    HELD = "held"  # its run is paused, or not opened yet
    RETRY = "retry"
    HOST_RESTS = "host_rests"
    IN_HAND = "in_hand"  # it was asked, and is being read
    GONE = "gone"


class Link(msgspec.Struct, frozen=True):
    """What a step is about: a page of the site (``seed``, ``run``, ``page``, ``host``) and its number."""

    kind: str
    pk: int


class Change(msgspec.Struct, frozen=True):
    """What would have to change; ``field`` is that of the seed which decides, or empty."""

    sentence: str
    field: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that decides on an address: ``name`` says which, ``code`` what shuts the address out."""

    name: str
    mark: Mark
    sentence: str
    code: str = ""
    facts: dict[str, Any] = {}
    link: Link | None = None
    change: Change | None = None


class PastVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that has ended; ``outcome`` and ``reason`` are codes of :mod:`crawler.outcomes`."""

    visit: int
    run: int
    at: datetime | None
    outcome: str
    reason: str
    status: int | None
    tries: int
    sentence: str


class OfSeed(msgspec.Struct, frozen=True, kw_only=True):
    """The address as one seed sees it: the verdict, what led to it, and what would have to change.

    ``engine`` has what people who run Crawlbeat look for, by name: due time, lane, lease and so on.
    """

    seed: int
    name: str
    code: str
    mark: Mark
    verdict: str
    canonical: str
    steps: tuple[Step, ...]
    visits: tuple[PastVisit, ...] = ()
    changes: tuple[Change, ...] = ()
    engine: dict[str, Any] = {}


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All about one address. The verdict is that of the first seed; seeds that have it come first.

    ``address`` and ``canonical`` are empty if the text is no address. ``more`` counts the seeds that may have
    to do with it and are not told of.
    """

    text: str
    code: str
    mark: Mark
    verdict: str
    address: str = ""
    canonical: str = ""
    seeds: tuple[OfSeed, ...] = ()
    changes: tuple[Change, ...] = ()
    more: int = 0
