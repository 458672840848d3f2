"""``crawlbeat export``: pages or records as a file, with constant memory."""

from __future__ import annotations

import argparse
import sys

from catalog.models import Export, Run, Seed
from catalog.schema import bring_up_to_date
from console.checks import no_database, seed_named
from console.output import Output
from djsite.desk.exports import Rows, rows_of, write_rows
from embedded.datadir import DataFolder
from embedded.errors import UsageError

LATEST = "latest"


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Write the file and say how many rows it has."""
    output = Output(options.output, options.format)
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    rows = chosen_rows(options)
    with output.open() as file:
        count = write_rows(file, output.format, rows)
    print(f"{count:,} {options.kind}", file=sys.stderr)
    return 0


def chosen_rows(options: argparse.Namespace) -> Rows:
    """What the options ask for: of a run, else of a seed, else of all seeds."""
    seed = seed_named(options.seed) if options.seed is not None else None
    chosen = find_run(options.run, seed) if options.run is not None else None
    if options.kind == Export.Kind.RECORDS and options.all:
        raise UsageError("--all: is for pages; only stored pages have records")
    return rows_of(options.kind, seed, chosen, every_outcome=options.all)


def find_run(number: str, seed: Seed | None) -> Run:
    """The run with this number, or the ``latest`` that has begun; only of ``seed`` if given."""
    runs = Run.objects.filter(started_at__isnull=False, seed__deleted_at=None).select_related("seed")
    if seed is not None:
        runs = runs.filter(seed=seed)
    run = (runs if number == LATEST else runs.filter(pk=int(number))).order_by("-pk").first()
    if run is None:
        of = f" of the seed {seed.name!r}" if seed is not None else ""
        raise UsageError(
            f"--run: there is no run{of} yet" if number == LATEST else f"--run: no run {number}{of}"
        )
    return run
