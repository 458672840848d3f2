"""``seeds add``: addresses, given or in a file, as one seed or as a seed each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from catalog.clock import db_now
from crawler.seeds.address_lists.checked import MAX_BYTES, AddressList, read_addresses
from djsite.desk.seed_files.addresses import Wish, make, sort
from embedded.errors import UsageError

SHOWN = 20  # wrong lines
WRONG = 2


def run(options: argparse.Namespace) -> int:
    """Say what is new, known and wrong, and make the seeds if the command is no preview."""
    try:
        listed = listed_addresses(options)
        parted = sort(listed)
        print_counts(listed, len(parted.new), len(parted.known))
        if options.dry_run:
            return 0
        made = make(parted.new, wish_of(options, parted.new), db_now())
    except ValueError as error:
        print(f"crawlbeat seeds: {error}", file=sys.stderr)
        return WRONG
    print_made([seed.name for seed in made])
    return 0


def print_made(names: Sequence[str]) -> None:
    """Say which seeds were made."""
    one = f"The seed {names[0]!r} was made."
    print(one if len(names) == 1 else f"{len(names):,} seeds were made: {names[0]}, …")


def wish_of(options: argparse.Namespace, new: Sequence[str]) -> Wish:
    """What is to be made of the addresses."""
    name = options.name or (Path(options.file).stem if options.file not in (None, "-") else "".join(new[:1]))
    return Wish(name, options.each, options.scope, options.every, tuple(options.tag))


def listed_addresses(options: argparse.Namespace) -> AddressList:
    """The addresses of the command line or of a file. Raises UsageError without any, ValueError for none."""
    if not options.urls and options.file is None:
        raise UsageError("URL: give addresses, or a list of them with --file")
    return read_addresses(_body(options), options.file or "", options.column or "")


def _body(options: argparse.Namespace) -> bytes:
    given = "".join(f"{url}\n" for url in options.urls).encode()
    if options.file is None:
        return given
    try:
        if options.file == "-":
            return given + sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(options.file).open("rb") as file:
            return given + file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"--file: {options.file} cannot be read: {error.strerror}") from error


def print_counts(listed: AddressList, new: int, known: int) -> None:
    """Say what is left out and why, and how many addresses are new, known, doubled and wrong."""
    for wrong in listed.wrong[:SHOWN]:
        print(f"Left out, line {wrong.line}: {wrong.why}", file=sys.stderr)
    for sentence in listed.warnings:
        print(sentence, file=sys.stderr)
    counted = f"{new:,} new, {known:,} known, {listed.doubled:,} doubled"
    print(f"{counted}, {len(listed.wrong):,} wrong ({listed.kind}).")
