"""``seeds import`` and ``seeds diff``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from catalog.clock import db_now
from catalog.sealing import SealingError
from crawler.seeds.files.others import OTHERS
from crawler.seeds.files.reading import FileProblem, WrittenSeed, read_seeds
from crawler.seeds.files.writing import write_seeds
from crawler.seeds.files.yaml_text import MAX_CHARACTERS
from djsite.desk.seed_files.planning import bring_in, plan
from djsite.desk.seed_files.words import plan_lines, summary
from embedded.errors import Trouble, UsageError

WRONG = 2
SHOWN = 20  # problems


def run(options: argparse.Namespace) -> int:
    """Say what the file changes, and change it if the command is no preview."""
    written, problems = _read(options)
    if problems:
        return print_problems(options.file, problems)
    preview = options.action == "diff" or options.dry_run
    try:
        planned = (
            plan(written, prune=options.prune)
            if preview
            else bring_in(written, db_now(), prune=options.prune)
        )
    except SealingError as error:
        raise Trouble(str(error)) from error
    if planned.problems:
        return print_problems(options.file, planned.problems)
    print("\n".join([*plan_lines(planned), summary(planned, would=preview)]))
    return int(options.action == "diff" and planned.does > 0)


def text_of_file(name: str) -> str:
    """The text of a file that somebody named; - is stdin. Raises UsageError if it cannot be read."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(4 * MAX_CHARACTERS + 1).decode("utf-8-sig")
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            return file.read(MAX_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"FILE: {name} cannot be read: {why}") from error


def _read(options: argparse.Namespace) -> tuple[list[WrittenSeed], list[FileProblem]]:
    """The seeds of the file; what another program's list says that we cannot is told on stderr."""
    text = text_of_file(options.file)
    if options.other is None:
        return read_seeds(text)
    carried = OTHERS[options.other](text)
    for sentence in carried.left_out:
        print(f"{options.file}, {sentence}", file=sys.stderr)
    return carried.seeds, carried.problems


def written_text(options: argparse.Namespace) -> str | None:
    """The file as an instance elsewhere reads it; None if another program's list is wrong, which is told."""
    if options.other is None:
        return text_of_file(options.file)
    written, problems = _read(options)
    if problems:
        print_problems(options.file, problems)
        return None
    return write_seeds(entry.settings for entry in written)


def print_problems(file: str, problems: Sequence[object]) -> int:
    """Say what is wrong with a file; the exit status."""
    for problem in problems[:SHOWN]:
        print(f"crawlbeat seeds: {file}, {problem}", file=sys.stderr)
    if more := len(problems[SHOWN:]):
        print(f"crawlbeat seeds: {more:,} more are wrong.", file=sys.stderr)
    print("Nothing was changed.", file=sys.stderr)
    return WRONG
