"""Cursors: places in the feed of changes."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

_FORM = re.compile(r"(\d{1,18})\.([01])\.(\d{1,18})")


class Of(IntEnum):
    """What a change is of. Within a change set, pages come before records."""

    PAGE = 0
    RECORD = 1


class Cursor(NamedTuple):
    """The place after a line of the feed: its change set's number, its kind and the id of its row.

    Numbers are given in the order of commits (:mod:`pipelines.changes.numbering`), so nothing that is
    committed later comes before a cursor that somebody has.
    """

    number: int
    of: Of = Of.PAGE
    row: int = 0

    def __str__(self) -> str:
        return f"{self.number}.{int(self.of)}.{self.row}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The cursor of its text; ValueError with a sentence for people if it is none."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"{text[:80]!r} is no cursor. Give the 'cursor' of the last line that you have.")
        number, of, row = map(int, match.groups())
        return cls(number, Of(of), row)


START = Cursor(0)
"""Before everything."""
