"""The options of ``backup`` and ``restore``."""

from __future__ import annotations

import argparse
from typing import Any


def add_backup(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser(
        "backup",
        parents=[data],
        help="copy everything of the data folder, also while it is in use",
        epilog="Files of the archive are linked where that can be done, so that a folder on the same disk "
        "takes room for the database alone. docs/how-to/backup.md has more.",
    )
    parser.add_argument("backup", metavar="BACKUP", help="a new folder, or a new file that ends in .tar")


def add_restore(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser(
        "restore",
        parents=[data],
        help="make a new data folder of a backup",
        epilog="Every file is checked first, and nothing is written into a folder that is not empty.",
    )
    parser.add_argument("backup", metavar="BACKUP", help="the folder or file that 'backup' has made")
