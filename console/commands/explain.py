"""``crawlbeat explain``: why an address is stored or missing, and what would have to change."""

from __future__ import annotations

import argparse

import msgspec

from catalog.schema import bring_up_to_date
from console.checks import no_database, seed_named
from djsite.desk.explain.explaining import explain
from djsite.desk.explain.explanation import Code, Explanation, Mark, OfSeed
from djsite.desk.explain.words import MARKS, TITLES
from embedded.datadir import DataFolder
from embedded.errors import UsageError


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print the explanation. 0: it is stored; 1: it is not, or no more; 2: it is no address."""
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    seed = seed_named(options.seed) if options.seed is not None else None
    return show(options, explain(options.url, seed))


def show(options: argparse.Namespace, explanation: Explanation) -> int:
    """Print an explanation as the options say; its exit status."""
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(explanation)).decode())
    elif explanation.code != Code.NOT_AN_ADDRESS:
        print_explanation(explanation)
    if explanation.code == Code.NOT_AN_ADDRESS:
        raise UsageError(explanation.verdict)
    return 0 if explanation.mark is Mark.YES else 1


def print_explanation(explanation: Explanation) -> None:
    """The verdict first, then what would have to change, then the steps for each seed."""
    print(explanation.verdict)
    for change in explanation.changes:
        print(f"  → {change.sentence}")
    for told in explanation.seeds:
        print(f"\nSeed “{told.name}”: {told.code}")
        print_seed(told, again=len(explanation.seeds) > 1)
    if explanation.more:
        print(f"\n{explanation.more:,} more seeds may have to do with it: choose one with --seed.")


def print_seed(told: OfSeed, *, again: bool) -> None:
    """What one seed says of the address; ``again``: with its own verdict."""
    if again:
        print(f"  {told.verdict}")
    for step in told.steps:
        print(f"  {MARKS[step.mark]:<5}  {TITLES.get(step.name, step.name):<10}  {step.sentence}")
    for visit in told.visits:
        print(f"  run {visit.run}: {visit.sentence}")
