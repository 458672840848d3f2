"""Which verdicts a seed overrules, and where."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.rules.patterns import BadPattern, Patterns


class Overruled:
    """The lines of a seed's ``accept``: a verdict, and perhaps a pattern for URLs where it does not count.

    A line whose pattern cannot be used (of a row written without checks) overrules nothing.
    """

    def __init__(self, accept: Sequence[str]) -> None:
        self._everywhere: set[str] = set()
        self._somewhere: dict[str, list[Patterns]] = {}
        for line in accept:
            kind, _, pattern = line.partition(" ")
            if not pattern:
                self._everywhere.add(kind)
            elif usable := _usable(pattern.strip()):
                self._somewhere.setdefault(kind, []).append(usable)

    def covers(self, verdict: str, url: str) -> bool:
        """Whether a verdict on the answer of ``url`` does not count."""
        if verdict in self._everywhere:
            return True
        return any(pattern.match(url) for pattern in self._somewhere.get(verdict, ()))


def _usable(pattern: str) -> Patterns | None:
    try:
        return Patterns([pattern])
    except BadPattern:
        return None
