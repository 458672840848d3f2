"""``crawlbeat export``: pages or records as a file, with constant memory."""

from __future__ import annotations

import argparse
import sys

import msgspec

from catalog.clock import db_now
from catalog.kinds import problem_with
from catalog.models import Export, Run, Seed
from catalog.schema import bring_up_to_date
from console.checks import no_database, seed_named
from console.output import Output
from djsite.desk.as_of.words import before_first_run
from djsite.desk.exports import TooMuch, write_export
from djsite.desk.promises.holds import holds_on
from embedded.datadir import DataFolder
from embedded.errors import UsageError

LATEST = "latest"
_OPTIONS = {
    "format": "--format",
    "compression": "--compress",
    "run": "--run",
    "every_outcome": "--all",
    "as_of": "--as-of",
}
MANIFEST = "manifest.json"  # its ending, after the name of the file


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Write the file and its manifest, and say how many rows it has."""
    output = Output(options.output, options.format, options.compress)
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    export = wanted(options, output.format, output.compression)
    try:
        with output.open() as file:
            manifest = write_export(file, export, db_now())
    except TooMuch as error:
        raise UsageError(f"--format: {error}") from error
    output.write_beside(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    print(f"{manifest['rows']:,} {options.kind}", file=sys.stderr)
    if not manifest["rows"] and (sentence := too_early(options)):
        print(sentence, file=sys.stderr)
    return 0


def check(options: argparse.Namespace, form: str, compression: str) -> None:
    """Raise UsageError for options that do not go together."""
    asked = {"of_run": options.run is not None, "as_of": options.as_of is not None}
    problem = problem_with(options.kind, form, compression, **asked, every_outcome=options.all)
    if problem is not None:
        raise UsageError(f"{_OPTIONS[problem.part]}: {problem.sentence}")


def wanted(options: argparse.Namespace, form: str, compression: str = "") -> Export:
    """What the options ask for: of a run, else of a seed, else of all seeds. It gets no row."""
    check(options, form, compression)
    seed = seed_named(options.seed) if options.seed is not None else None
    chosen = find_run(options.run, seed, unfinished=options.unfinished) if options.run is not None else None
    if options.as_of is None and not options.held and (holds := holds_on(seed, chosen)):
        sentences = " ".join(hold.sentence for hold in holds)
        raise UsageError(f"{sentences} To export it all the same, give --held.")
    return Export(
        kind=options.kind,
        format=form,
        compression=compression,
        seed=seed,
        run=chosen,
        every_outcome=options.all,
        as_of=options.as_of,
    )


def too_early(options: argparse.Namespace) -> str:
    """Why there is nothing as of a time before the first run of a seed; empty if that is not why."""
    if options.as_of is None or options.seed is None:
        return ""
    return before_first_run(seed_named(options.seed), options.as_of)


def find_run(number: str, seed: Seed | None, *, unfinished: bool) -> Run:
    """The run with this number; ``latest`` is the last that has finished, recrawls left out.

    Only of ``seed`` if given. A run that has not finished is refused, unless ``unfinished``.
    """
    runs = Run.objects.started().filter(seed__deleted_at=None).select_related("seed")
    if seed is not None:
        runs = runs.filter(seed=seed)
    whole = runs.exclude(kind=Run.Kind.RECRAWL) if number == LATEST else runs.filter(pk=int(number))
    finished = whole.filter(state=Run.State.FINISHED).order_by("-pk").first()
    under_way = whole.open().order_by("-pk").first()
    run = under_way if unfinished and under_way is not None else finished
    if run is not None:
        return run
    going = under_way.pk if under_way is not None else None
    raise UsageError(unfinished_run(number, going, seed.name if seed is not None else None))


def unfinished_run(number: str, under_way: int | None, seed: str | None) -> str:
    """Why there is no run to export, or only one that has not finished."""
    of = f" of the seed {seed!r}" if seed is not None else ""
    if under_way is not None:
        return (
            f"--run: run {under_way}{of} has not finished. To have what it got so far, give "
            f"--run {under_way} --unfinished."
        )
    return f"--run: there is no run{of} yet" if number == LATEST else f"--run: no run {number}{of}"
