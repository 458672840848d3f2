"""What a repair is given, and what it proposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from crawler.collections import Collection, Rule, Step
from crawler.reading.document import Document
from crawler.reading.record import Value

SAMPLES = 3  # pairs of values that a proof shows


class Seen(Protocol):
    """A good version of a page: its document, and the values of the records that were read of it."""

    @property
    def document(self) -> Document: ...

    @property
    def values(self) -> Sequence[Mapping[str, Value]]: ...


class Sample(msgspec.Struct, frozen=True):
    """What a page had before, and what a candidate reads of it now."""

    url: str
    before: Value
    after: Value


class Proof(msgspec.Struct, frozen=True):
    """How often a candidate gives the last good value."""

    old_right: int  # of the records on pages in the old design
    old_of: int
    new_right: int  # of the records on pages in the new design
    new_of: int
    samples: tuple[Sample, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """For people."""
        new = f"On the new pages it gives the last good value {self.new_right} of {self.new_of} times."
        if not self.old_right:
            return [new, "On the old pages it finds nothing: the new design is another one."]
        return [new, f"On the old pages it gives the right value {self.old_right} of {self.old_of} times."]


class Candidate(msgspec.Struct, frozen=True):
    """A collection with one rule replaced, best candidates having the highest score."""

    collection: Collection
    rule: Rule
    proof: Proof
    score: float  # 0 to 1: the share of right values, less a little for what the next redesign may break
    steps: tuple[Step, ...] = ()


class Attempt(NamedTuple):
    """A rule that may read a field, and how soon the next redesign would break it (0: late)."""

    rule: Rule
    frailty: float
