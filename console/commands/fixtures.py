"""``crawlbeat fixtures``: stored pages of a run as a folder with a test that needs no network."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from catalog.schema import bring_up_to_date
from console.checks import no_database
from console.commands.export import LATEST, find_run
from djsite.desk.read.fixtures import write_fixtures
from embedded.datadir import DataFolder
from embedded.errors import Trouble, UsageError


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Write the folder, and say how to run its test."""
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    chosen = find_run(options.run, None, unfinished=options.run != LATEST)
    target = Path(options.output or f"fixtures-{chosen.pk}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"-o: {target} is there already; name a new or an empty folder")
    if not chosen.policy.collections:
        raise UsageError(f"run {chosen.pk} has no rules: nothing was read of its pages")
    try:
        count = write_fixtures(chosen, target, options.pages)
    except OSError as error:
        raise Trouble(f"{error.filename}: {error.strerror}") from error
    if not count:
        raise Trouble(f"run {chosen.pk} has no stored pages that its rules have read")
    print(f"{count:,} pages; to test them: pytest {target}", file=sys.stderr)
    return 0
