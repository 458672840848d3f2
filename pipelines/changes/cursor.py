"""Cursors: places in the feed of changes."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple, Self

_FORM = re.compile(r"(\d{1,18})(?:\.([01])\.(\d{1,18})\.(\d{1,18}))?")


class Of(IntEnum):
    """What a change is of. Within a change set, pages come before records."""

    PAGE = 0
    RECORD = 1


_ALL = 2  # after pages and records


class Cursor(NamedTuple):
    """What a reader of the feed has read: all up to a change set, or up to a row of one.

    Numbers of sets are given in the order of commits (:mod:`pipelines.changes.numbering`), so nothing that is
    committed later comes before a cursor that somebody has. ``base`` is the number up to which the reader had
    everything when the reading began that this cursor is in the middle of. Kinds and old values are told from
    there: a row that moves ahead of a reader, because it changes again, is not less new for that.
    """

    number: int
    of: int
    row: int
    base: int

    @classmethod
    def after(cls, number: int) -> Self:
        """After a whole change set and all before it."""
        return cls(number, _ALL, 0, number)

    @property
    def is_whole(self) -> bool:
        return self.of == _ALL

    def __str__(self) -> str:
        return str(self.number) if self.is_whole else ".".join(map(str, self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor of its text; ValueError with a sentence for people if it is none."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"{text[:80]!r} is no cursor. Give the 'cursor' of the last line that you have.")
        if match[2] is None:
            return cls.after(int(match[1]))
        return cls(*(int(part) for part in match.groups()))


START = Cursor.after(0)
"""Before everything."""
