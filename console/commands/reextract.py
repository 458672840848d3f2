"""``crawlbeat reextract``: read stored versions again by a seed's rules, and show what that would change."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from catalog.clock import db_now
from catalog.models import Rereading
from catalog.schema import bring_up_to_date
from console.checks import seed_named
from console.commands.recrawl import work
from djsite.desk import rereadings
from djsite.desk.rereadings import NoRereading
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from embedded.signals import Signals

INTERRUPTED = 130
LOOK_EVERY = 0.3  # seconds between looks at the row
State = Rereading.State
_BEFORE = {State.WAITING, State.READING}


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Read (or go on), and print the difference; with an option, use the last result or drop it.

    0: done; 1: it cannot be done; 130: interrupted: the same command goes on.
    """
    if options.show:
        bring_up_to_date()
        show(_last(options), options)
        return 0
    with Signals() as signals, work(folder, signals) as wait:
        try:
            rereading = _asked(options)
        except NoRereading as error:
            print(f"crawlbeat reextract: {error}", file=sys.stderr)
            return 1
        while not _is_over(rereading):
            if signals.stops:
                print("Interrupted; the same command goes on with it.", file=sys.stderr)
                return INTERRUPTED
            wait(LOOK_EVERY)
            _look(rereading)
    print(file=sys.stderr)
    show(rereading, options)
    return 0


def _last(options: argparse.Namespace) -> Rereading:
    rereading = rereadings.latest(seed_named(options.seed))
    if rereading is None:
        raise UsageError(f"--seed: nothing of {options.seed!r} was read again yet")
    return rereading


def _asked(options: argparse.Namespace) -> Rereading:
    """The rereading that the options mean, after what they ask of it."""
    if not (options.promote or options.drop):
        return rereadings.ask(
            seed_named(options.seed), db_now(), since=options.since, collection=options.collection
        )
    rereading = _last(options)
    (rereadings.promote if options.promote else rereadings.drop)(rereading)
    return rereading


def _is_over(rereading: Rereading) -> bool:
    """Whether there is a difference to look at, or nothing is left to do."""
    return rereading.state == State.COMPARED or rereading.finished_at is not None


def _look(rereading: Rereading) -> None:
    """Read the row again, and show how far it is and what hinders it."""
    before = rereading.error
    rereading.refresh_from_db()
    _show_progress(rereading)
    if rereading.error not in ("", before) and not _is_over(rereading):
        print(f"crawlbeat reextract: {rereading.error}", file=sys.stderr)


def _show_progress(rereading: Rereading) -> None:
    if rereading.state in _BEFORE and sys.stderr.isatty():
        progress = rereadings.progress_of(rereading)
        print(f"\r{progress.read:,} of {progress.total:,} versions", end="", file=sys.stderr, flush=True)


def show(rereading: Rereading, options: argparse.Namespace) -> None:
    """Print the state, and what promoting would change or has changed."""
    progress = rereadings.progress_of(rereading)
    form = {"rereading": rereading.pk, **msgspec.to_builtins(progress), "difference": rereading.difference}
    if options.json:
        print(msgspec.json.encode(form).decode())
        return
    print(f"{rereading.state}: {progress.read:,} of {progress.total:,} versions read")
    if progress.error:
        print(progress.error)
    for reason, count in progress.unread.items():
        print(f"not read: {count:,} ({reason})")
    for name, part in rereading.difference.items():
        _show_collection(name, part)
    if rereading.state == State.COMPARED:
        print("Nothing has changed yet: use it with --promote, or drop it with --drop.")


def _show_collection(name: str, part: dict[str, Any]) -> None:
    kinds = ", ".join(f"{part[kind]:,} {kind}" for kind in ("new", "changed", "gone", "same"))
    print(f"{name}: {kinds}")
    for field, count in part["fields"].items():
        print(f"  {field}: {count:,} changed")
    for kind, samples in part["samples"].items():
        for sample in samples[:5]:
            print(f"  {kind} {' '.join(sample['key'])}: {_plain(sample['old'])} -> {_plain(sample['new'])}")


def _plain(values: dict[str, Any]) -> str:
    return msgspec.json.encode(values).decode()
