"""``crawlbeat manage …``: Django's manage.py on the data folder."""

from __future__ import annotations

import argparse

from django.core.management import execute_from_command_line

from embedded.datadir import DataFolder


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run one of Django's commands; it exits by itself when it fails."""
    execute_from_command_line(["crawlbeat manage", *options.rest])
    return 0
