"""One case of the bad server: what it does, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.fakeweb.answers import Behaviour
from tests.fakeweb.misbehaviour import PAGE

TITLE = "A page"


@dataclass(frozen=True)
class Case:
    """A misbehaviour by name, with the outcome and the reason of a visit that meets it (docs/outcomes.md)."""

    name: str
    does: str  # what the server does
    behaviour: Behaviour
    outcome: str = "stored"
    reason: str | None = None
    status: int | None = 200  # None: no answer
    body: bytes | None = PAGE  # of the answer once it is decoded; None: not compared
    title: str = TITLE  # of what is stored


@dataclass(frozen=True)
class Group:
    """Cases of one kind, under a heading."""

    heading: str
    cases: tuple[Case, ...]


def failing(name: str, does: str, behaviour: Behaviour, reason: str, *, status: int | None = None) -> Case:
    """A case whose visit fails."""
    return Case(name, does, behaviour, "failed", reason, status, b"", "")


def group(heading: str, cases: Iterable[Case]) -> Group:
    return Group(heading, tuple(cases))
