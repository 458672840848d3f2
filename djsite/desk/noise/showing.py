"""The blocks of a seed as people see them, by kind of page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.admin.models import LogEntry

from catalog.models import NoiseBlock, Seed
from djsite.desk import audit
from djsite.desk.noise.switching import note_of
from djsite.desk.noise.words import evidence_of, reasons_of, state_of
from djsite.desk.words import StateWords

MOST = 300  # blocks
_WORTH_SHOWING = 3  # changes of a block that is only watched
State = NoiseBlock.State


@dataclass(frozen=True)
class ShownBlock:
    """A block with what is said of it."""

    block: NoiseBlock
    words: StateWords
    evidence: str
    reasons: list[str]
    by: str = ""  # who switched it last

    @property
    def is_left_out(self) -> bool:
        return self.block.state == State.LEFT_OUT


@dataclass
class PagesAlike:
    """The blocks of pages of one URL template."""

    example_url: str
    left_out: list[ShownBlock] = field(default_factory=list)
    counting: list[ShownBlock] = field(default_factory=list)  # because a person said so
    watched: list[ShownBlock] = field(default_factory=list)

    @property
    def decided(self) -> list[ShownBlock]:
        return [*self.left_out, *self.counting]


def pages_alike(seed: Seed) -> list[PagesAlike]:
    """What was learned of the pages of a seed, the kinds of pages with most left out first."""
    known = NoiseBlock.objects.filter(seed=seed)
    decided = list(known.exclude(state=State.WATCHED).order_by("-changes", "pk")[:MOST])
    watched = known.filter(state=State.WATCHED, changes__gte=_WORTH_SHOWING)
    notes = audit.last_notes(seed, [note_of(block) for block in decided])
    groups: dict[int, PagesAlike] = {}
    lists: dict[str, str] = {State.LEFT_OUT: "left_out", State.COUNTS: "counting", State.WATCHED: "watched"}
    for block in [*decided, *watched.order_by("-changes", "pk")[: MOST - len(decided)]]:
        group = groups.setdefault(block.template, PagesAlike(block.example_url))
        getattr(group, lists[block.state]).append(_shown(block, notes))
    return sorted(groups.values(), key=lambda group: -len(group.left_out))


def _shown(block: NoiseBlock, notes: Mapping[str, LogEntry]) -> ShownBlock:
    entry = notes.get(note_of(block)) if block.state != State.WATCHED else None
    by = str(entry.user) if entry else ""
    return ShownBlock(block, state_of(block), evidence_of(block), reasons_of(block), by)
