"""``crawlbeat seeds``: seeds as a file that people keep beside their code, and a list of them."""

from __future__ import annotations

import argparse
import sys

from catalog.schema import bring_up_to_date
from console.checks import no_database
from console.commands.seeds import adding, bringing_in, giving_out
from crawler.seeds.files.schema import schema_text
from embedded.datadir import DataFolder
from embedded.errors import UsageError


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Do what the action says; its exit status."""
    if options.action == "schema":
        sys.stdout.write(schema_text())
        return 0
    if options.action in ("import", "add") and not options.dry_run:
        folder.prepare()  # seeds may be there before the first start
    elif (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    if options.action in ("import", "diff"):
        return bringing_in.run(options)
    if options.action == "add":
        return adding.run(options)
    return giving_out.export(options) if options.action == "export" else giving_out.show(options)
