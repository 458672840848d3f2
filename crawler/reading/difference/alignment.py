"""Which parts of two sequences are the same: the patience difference (Bram Cohen).

What stands exactly once on both sides ties them together, in the longest order that both share; between two
ties the same is done again. So words that are everywhere tie nothing, and the time is that of sorting. Short
rests without ties are compared by :mod:`difflib`, as long as there is budget; longer ones count as replaced.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

SIZES = (1, 3, 8)  # of runs that tie, each if there are no shorter ones
DEPTH = 10  # how often the rest between two ties is tied again
REST = 150 * 150  # pairs in a rest that difflib compares
BUDGET = 1_500_000  # pairs in all rests
STRAY = 2  # so few in a row that are the same amid larger changes tie nothing


class Same(NamedTuple):
    """``before[i : i + size] == after[j : j + size]``."""

    i: int
    j: int
    size: int


class _Range(NamedTuple):
    """Parts of both sequences that are still to be aligned."""

    i: int
    i_end: int
    j: int
    j_end: int


def align(before: Sequence[str], after: Sequence[str]) -> list[Same]:
    """The parts that are the same, in order, none of them empty; between two of them something differs."""
    aligner = _Aligner(before, after)
    return _without_strays(
        _joined(aligner.align(_Range(0, len(before), 0, len(after)))), len(before), len(after)
    )


class _Aligner:
    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        numbers: dict[str, int] = {}  # they compare faster
        self._before = [numbers.setdefault(word, len(numbers)) for word in before]
        self._after = [numbers.setdefault(word, len(numbers)) for word in after]
        self._budget = BUDGET

    def align(self, part: _Range, depth: int = 0) -> Iterator[Same]:
        head = self._head(part)
        tail = self._tail(part, head)
        yield Same(part.i, part.j, head)
        rest = _Range(part.i + head, part.i_end - tail, part.j + head, part.j_end - tail)
        if rest.i < rest.i_end and rest.j < rest.j_end:
            yield from self._rest(rest, depth)
        yield Same(rest.i_end, rest.j_end, tail)

    def _head(self, part: _Range) -> int:
        most = min(part.i_end - part.i, part.j_end - part.j)
        before, after = self._before, self._after
        return next((at for at in range(most) if before[part.i + at] != after[part.j + at]), most)

    def _tail(self, part: _Range, head: int) -> int:
        most = min(part.i_end - part.i, part.j_end - part.j) - head
        before, after = self._before, self._after
        unlike = (at for at in range(most) if before[part.i_end - 1 - at] != after[part.j_end - 1 - at])
        return next(unlike, most)

    def _rest(self, part: _Range, depth: int) -> Iterator[Same]:
        ties = self._ties(part) if depth < DEPTH else []
        if not ties:
            yield from self._small(part)
            return
        i, j = part.i, part.j
        for tie_i, tie_j in [*ties, (part.i_end, part.j_end)]:
            yield from self.align(_Range(i, tie_i, j, tie_j), depth + 1)
            if tie_i < part.i_end:
                yield Same(tie_i, tie_j, 1)
            i, j = tie_i + 1, tie_j + 1

    def _ties(self, part: _Range) -> list[tuple[int, int]]:
        """Places of what stands exactly once on both sides, in the longest order that both share."""
        for size in SIZES:
            here = _once(self._before[part.i : part.i_end], size)
            there = _once(self._after[part.j : part.j_end], size)
            pairs = [(part.i + at, part.j + there[run]) for run, at in here.items() if run in there]
            if pairs:
                return _longest(sorted(pairs))
        return []

    def _small(self, part: _Range) -> Iterator[Same]:
        pairs = (part.i_end - part.i) * (part.j_end - part.j)
        if pairs > min(REST, self._budget):
            return
        self._budget -= pairs
        here, there = self._before[part.i : part.i_end], self._after[part.j : part.j_end]
        for i, j, size in SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks():
            yield Same(part.i + i, part.j + j, size)


def _once(words: Sequence[int], size: int) -> dict[Any, int]:
    """By runs of so many that stand in a sequence exactly once, where they begin."""
    places: dict[Any, int] = {}
    for at, run in enumerate(words if size == 1 else zip(*(words[at:] for at in range(size)), strict=False)):
        places[run] = -1 if run in places else at
    return {run: at for run, at in places.items() if at >= 0}


def _longest(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs, which rise on the left, that rises on the right, too."""
    ends: list[int] = []  # by length less one, the smallest right end
    at: list[int] = []  # which pair has it
    links: list[int] = []
    for number, (_, right) in enumerate(pairs):
        length = bisect_left(ends, right)
        links.append(at[length - 1] if length else -1)
        ends[length : length + 1], at[length : length + 1] = [right], [number]
    chain, number = [], at[-1] if at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = links[number]
    return chain[::-1]


def _joined(parts: Iterator[Same]) -> list[Same]:
    joined: list[Same] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last and (last.i + last.size, last.j + last.size) == (part.i, part.j):
            joined[-1] = Same(last.i, last.j, last.size + part.size)
        elif part.size:
            joined.append(part)
    return joined


def _without_strays(parts: list[Same], before: int, after: int) -> list[Same]:
    kept: list[Same] = []
    last = Same(0, 0, 0)
    if not parts:
        return kept
    for part, following in zip(parts, [*parts[1:], Same(before, after, 0)], strict=True):
        if part.size > STRAY or min(_gap(last, part), _gap(part, following)) <= STRAY:
            kept.append(part)
            last = part
    return kept


def _gap(left: Same, right: Same) -> int:
    """How much differs between two parts, on the side with more."""
    return max(right.i - left.i, right.j - left.j) - left.size
