"""``crawlbeat manage …``: Django's manage.py on the data folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from embedded.datadir import DataFolder


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run one of Django's commands; it exits by itself when it fails."""
    name = "manage.py" if Path(sys.argv[0]).name == "manage.py" else "crawlbeat manage"
    execute_from_command_line([name, *options.rest])
    return 0
