"""The options of ``try`` and ``forecast``."""

from __future__ import annotations

import argparse
from typing import Any

from console.options.pages import add_networks, add_rules, add_url
from console.values import whole


def add_try(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser(
        "try",
        parents=[data],
        help="fetch a page and show all that is read of it; nothing is stored",
        epilog="Exit status: 0 a crawl would store each page, 1 one of them not, 2 wrong usage, "
        "130 interrupted.",
    )
    add_url(parser, "*")
    parser.add_argument("--seed", metavar="NAME", help="by the rules, limits and headers of this seed")
    add_rules(parser)
    add_networks(parser)
    parser.add_argument(
        "--details",
        action="store_true",
        help="of the list that is offered first also the page of its first item, and the rules of both",
    )
    parser.add_argument(
        "--stored", action="store_true", help="the latest stored versions of the URLs; asks nobody"
    )
    parser.add_argument(
        "--version", type=whole(1, 2**63 - 1), metavar="ID", help="this stored version; asks nobody"
    )
    parser.add_argument("--json", action="store_true", help="the same for programs, an object a line")


def add_forecast(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser(
        "forecast",
        parents=[data],
        help="how many pages a site has, how long a run takes and what it stores; at most 50 requests",
        epilog="Nothing has to run; what was seen is kept as a forecast of the site's. Exit status: 0 it was "
        "made, 1 nothing could be learned, 2 wrong usage, 130 interrupted.",
    )
    parser.add_argument("what", metavar="SEED|URL", help="the name of a seed, or an address")
    add_networks(parser)
    parser.add_argument("--json", action="store_true", help="the same for programs")
