"""The options of ``search``."""

from __future__ import annotations

import argparse
from typing import Any

from console.values import whole


def add_search(commands: Any, data: argparse.ArgumentParser) -> None:
    """The words and the filters."""
    parser = commands.add_parser(
        "search",
        parents=[data],
        help="pages with some words in their title or text",
        epilog="One argument may hold all: 'tea -green \"black pot\" cup*' wants tea, no green, the two "
        "words together, and words that begin with cup. Exit status: 0 pages were found, 1 none, 2 wrong "
        "usage.",
    )
    parser.add_argument("words", nargs="+", metavar="WORDS", help="what is looked for")
    parser.add_argument("--seed", metavar="NAME", help="pages of this seed only")
    parser.add_argument("--tag", default="", metavar="TAG", help="pages of seeds with this tag only")
    parser.add_argument("--host", default="", metavar="HOST", help="pages of this host only")
    parser.add_argument(
        "--changed-since", default="", metavar="TIME", help="24h, 7d, or a date such as 2026-11-20"
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="FIELD.ASKED=VALUE",
        help="only pages with data that meet it, such as price.lt=20 (repeatable)",
    )
    parser.add_argument("--there", action="store_true", help="only pages that are not gone")
    parser.add_argument(
        "--most", type=whole(1, 1000), default=20, metavar="N", help="at most so many pages (20)"
    )
    parser.add_argument("--json", action="store_true", help="JSON Lines, for programs")
