"""The options of ``outlets``: what goes out by itself, sending one now, and what has gone."""

from __future__ import annotations

import argparse
from typing import Any


def add_outlets(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser(
        "outlets",
        parents=[data],
        help="data that go out by themselves; 'send NAME' sends now, 'log NAME' says what has gone",
        epilog="They are made on the site: /outlets/new/. Exit status: 0 a list, or what was sent arrived; "
        "1 it did not arrive, or is held; 2 wrong usage.",
    )
    parser.add_argument("action", nargs="?", choices=["list", "send", "log"], default="list")
    parser.add_argument("outlet", nargs="?", metavar="NAME", help="the outlet's name")
    parser.add_argument("--json", action="store_true", help="the same for programs")
