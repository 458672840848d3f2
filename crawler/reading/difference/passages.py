"""Passages: places where two sequences differ, each with some of what surrounds it; the rest is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from crawler.reading.difference.alignment import Same, align

SAME, GONE, NEW = "same", "gone", "new"
Text = Callable[[int, int], str]
"""The text of a sequence between two places."""


class Part(NamedTuple):
    """A part of a passage: ``same`` on both sides, ``gone`` or ``new``. ``left`` more units are not in it."""

    kind: str
    text: str
    left: int = 0


class Passage(NamedTuple):
    """A place with changes, after so many ``unchanged`` units that are not shown."""

    unchanged: int
    parts: list[Part]

    @property
    def before(self) -> list[Part]:
        return [part for part in self.parts if part.kind != NEW]

    @property
    def after(self) -> list[Part]:
        return [part for part in self.parts if part.kind != GONE]


class Difference(NamedTuple):
    """All that differs, counted in units (words or lines); ``more`` passages are not shown."""

    passages: list[Passage]
    unchanged: int = 0  # after the last passage
    gone: int = 0
    new: int = 0
    more: int = 0
    cut: bool = False  # only the beginnings were compared

    @property
    def changed(self) -> bool:
        return bool(self.gone or self.new)


class Sequences(NamedTuple):
    """Both sequences, and how to show a part of each."""

    before: Sequence[str]
    after: Sequence[str]
    text_before: Text
    text_after: Text


class Limits(NamedTuple):
    """How much is shown, in units."""

    context: int  # on each side of a change
    run: int  # of one part
    most: int  # of all passages


def difference(both: Sequences, limits: Limits, *, cut: bool = False) -> Difference:
    """Where two sequences differ. ``cut``: they are the beginnings of longer ones."""
    ends = Same(0, 0, 0), Same(len(both.before), len(both.after), 0)
    same = [ends[0], *align(both.before, both.after), ends[1]]
    gaps = list(pairwise(same))
    gone = sum(right.i - left.i - left.size for left, right in gaps)
    new = sum(right.j - left.j - left.size for left, right in gaps)
    if not gone and not new:
        return Difference([], len(both.before), cut=cut)
    groups = list(_groups(gaps, limits.context))
    shown = _few(groups, limits)
    passages = [_passage(both, limits, group) for group in groups[:shown]]
    last = groups[-1][-1][1]
    tail = max(last.size - limits.context, 0)
    return Difference(passages, tail, gone, new, len(groups) - shown, cut)


_Gap = tuple[Same, Same]


def _groups(gaps: Sequence[_Gap], context: int) -> Iterator[list[_Gap]]:
    """Gaps with little between them make one passage."""
    group: list[_Gap] = []
    for left, right in gaps:
        if (left.i + left.size, left.j + left.size) == (right.i, right.j):
            continue  # nothing differs at the beginning or the end
        if group and left.size > 2 * context:
            yield group
            group = []
        group.append((left, right))
    if group:
        yield group


def _few(groups: Sequence[list[_Gap]], limits: Limits) -> int:
    """How many passages are shown: at least one."""
    size = 0
    for number, group in enumerate(groups):
        for left, right in group:
            size += min(limits.run, right.i - left.i - left.size) + 2 * limits.context
            size += min(limits.run, right.j - left.j - left.size)
        if size > limits.most and number:
            return number
    return len(groups)


def _passage(both: Sequences, limits: Limits, group: Sequence[_Gap]) -> Passage:
    first, last = group[0][0], group[-1][1]
    begin = max(first.i + first.size - limits.context, first.i)
    before_it = limits.context if first.i else 0  # that the passage before has shown
    parts = [Part(SAME, both.text_before(begin, first.i + first.size))]
    for number, (left, right) in enumerate(group):
        if number:
            parts.append(Part(SAME, both.text_before(left.i, left.i + left.size)))
        parts.append(_part(GONE, both.text_before, left.i + left.size, right.i, limits.run))
        parts.append(_part(NEW, both.text_after, left.j + left.size, right.j, limits.run))
    end = min(last.i + limits.context, last.i + last.size)
    parts.append(Part(SAME, both.text_before(last.i, end)))
    unchanged = max(begin - first.i - before_it, 0)
    return Passage(unchanged, [part for part in parts if part.text])


def _part(kind: str, text: Text, start: int, end: int, most: int) -> Part:
    return Part(kind, text(start, min(end, start + most)), max(end - start - most, 0))
