"""``crawlbeat export``: pages or records as a file, at flat memory."""

from __future__ import annotations

import argparse
import sys

from catalog.models import Run, Seed
from console.commands.doctor import blind
from console.output import Output
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from embedded.keeper import migrate
from pipelines.export import Rows, page_rows, record_rows, write_rows

LATEST = "latest"


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Write the file and say how many rows it has."""
    output = Output(options.output, options.format)
    if (reason := blind()) is not None:
        raise UsageError(f"--data: {reason}")
    migrate()
    rows = chosen_rows(options)
    with output.open() as file:
        count = write_rows(file, output.format, rows)
    print(f"{count:,} {options.kind}", file=sys.stderr)
    return 0


def chosen_rows(options: argparse.Namespace) -> Rows:
    """What the options ask for: of a run, else of a seed, else of all seeds."""
    seed = find_seed(options.seed) if options.seed is not None else None
    chosen = find_run(options.run, seed) if options.run is not None else None
    if options.kind == "records":
        if options.all:
            raise UsageError("--all: is for pages; only stored pages have records")
        return record_rows(seed, chosen)
    return page_rows(seed, chosen, every_outcome=options.all)


def find_seed(name: str) -> Seed:
    """The seed of this name."""
    seed = Seed.objects.alive().filter(name=name).first()
    if seed is None:
        raise UsageError(f"--seed: there is no seed {name!r}")
    return seed


def find_run(wanted: str, seed: Seed | None) -> Run:
    """The run of this number, or the latest that has begun; of the seed if one is named."""
    runs = Run.objects.filter(started_at__isnull=False, seed__deleted_at=None).select_related("seed")
    if seed is not None:
        runs = runs.filter(seed=seed)
    found = (runs if wanted == LATEST else runs.filter(pk=int(wanted))).order_by("-pk").first()
    if found is None:
        of = f" of the seed {seed.name!r}" if seed is not None else ""
        raise UsageError(
            f"--run: there is no run{of} yet" if wanted == LATEST else f"--run: no run {wanted}{of}"
        )
    return found
