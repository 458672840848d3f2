"""The options of ``try``."""

from __future__ import annotations

import argparse
from typing import Any

from console.given_collections import add_collections
from console.values import checked, whole
from crawler.seeds import checks


def add_try(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser(
        "try",
        parents=[data],
        help="fetch a page and show all that is read of it; nothing is stored",
        epilog="Exit status: 0 a crawl would store each page, 1 one of them not, 2 wrong usage, "
        "130 interrupted.",
    )
    parser.add_argument("urls", nargs="*", metavar="URL", type=checked(checks.address))
    parser.add_argument("--seed", metavar="NAME", help="by the rules, limits and headers of this seed")
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        type=checked(checks.field_line),
        metavar="NAME=RULE",
        help="a field to try, as for crawl (repeatable)",
    )
    add_collections(parser)
    parser.add_argument(
        "--allow-network",
        action="append",
        default=[],
        type=checked(checks.network),
        metavar="CIDR",
        help="a loopback or private network that may be asked, e.g. 127.0.0.0/8 (repeatable)",
    )
    parser.add_argument(
        "--stored", action="store_true", help="the latest stored versions of the URLs; asks nobody"
    )
    parser.add_argument(
        "--version", type=whole(1, 2**63 - 1), metavar="ID", help="this stored version; asks nobody"
    )
    parser.add_argument("--json", action="store_true", help="the same for programs, an object a line")
