"""The kinds of rows that can be exported, one line each, and what goes together with which."""

from __future__ import annotations

from typing import NamedTuple

from catalog.formats import FORMATS


class Kind(NamedTuple):
    """A kind: its name, what people read of it, its module, and what can be asked of it."""

    name: str
    label: str
    meaning: str
    module: str  # see pipelines.export.rows
    of_run: bool = True
    as_of: bool = False  # as it was at a moment
    every_outcome: bool = False  # visits that stored nothing, too


_HERE = "pipelines.export.kinds"
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "records",
            "latest values",
            "every record with the values that it has now, gone ones too",
            f"{_HERE}.records",
            as_of=True,
        ),
        Kind(
            "versions",
            "values over time",
            "every value that a record has or had, with since when and until when",
            f"{_HERE}.versions",
            of_run=False,
        ),
        Kind("changes", "changes", "what changed: from what, to what, and when", f"{_HERE}.changes"),
        Kind(
            "pages",
            "pages",
            "every page, as last fetched",
            f"{_HERE}.pages",
            as_of=True,
            every_outcome=True,
        ),
        Kind("raw", "raw answers", "the stored answers themselves", f"{_HERE}.raw"),
    )
}
"""Every kind by name, in the order in which people see them."""

DEFAULT_KIND = next(iter(KINDS))
RAW = "raw"


class Problem(NamedTuple):
    """What does not go together: the name of the part that is wrong, and a sentence."""

    part: str
    sentence: str


def problem_with(
    kind: str,
    form: str,
    compression: str = "",
    *,
    of_run: bool = False,
    as_of: bool = False,
    every_outcome: bool = False,
) -> Problem | None:
    """The first thing that does not go together, or None. ``kind`` and ``form`` are names of ours."""
    what = KINDS[kind]
    if (kind == RAW) != FORMATS[form].of_raw:
        return Problem("format", _fitting(kind))
    if compression and not FORMATS[form].compressible:
        return Problem("compression", "This format is compressed in itself.")
    if of_run and not what.of_run:
        return Problem("run", f"The kind {kind} is of a seed, over all its runs; leave the run out.")
    if every_outcome and not what.every_outcome:
        return Problem("every_outcome", "Only pages can be had with visits that stored nothing.")
    if as_of and not what.as_of:
        return Problem("as_of", f"The kind {kind} has its times in its rows; leave the moment out.")
    if as_of and (of_run or every_outcome):
        return Problem("as_of", "What a run got has one time only; leave the moment out.")
    return None


def _fitting(kind: str) -> str:
    names = [name for name, form in FORMATS.items() if form.of_raw == (kind == RAW)]
    return f"The kind {kind} is written as {', '.join(names[:-1])} or {names[-1]}."
