"""``crawlbeat changes``: what is new, changed or gone since a cursor, as JSON Lines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import chain

import msgspec

from catalog.schema import bring_up_to_date
from console.checks import no_database, seed_named
from console.output import Output
from djsite.desk.read.changes import START, Change, Cursor, read_changes
from embedded.datadir import DataFolder
from embedded.errors import UsageError

JSON_LINES = "jsonl"


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Write the changes, and say how many there are and from where to go on."""
    output = Output(options.output, JSON_LINES, "")
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    seed = seed_named(options.seed) if options.seed is not None else None
    try:
        since = Cursor.parse(options.since) if options.since else START
        changes = read_changes(since, seed)
        first = next(changes, None)  # a cursor of another database is refused before a file is written
    except ValueError as error:
        raise UsageError(f"--since: {error}") from error
    return write(output, first, changes, str(since))


def write(output: Output, first: Change | None, changes: Iterator[Change], cursor: str) -> int:
    """Write the first change and those that follow, and say from where to go on."""
    count = 0
    with output.open() as file:
        for change in chain([first] if first else [], changes):
            file.write(msgspec.json.encode(change) + b"\n")
            count, cursor = count + 1, change.cursor
    print(f"{count:,} changes; the next are after --since {cursor}", file=sys.stderr)
    return 0
