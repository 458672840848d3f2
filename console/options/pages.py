"""The options that ``try`` and ``crawl`` have in common: which pages, whom they may ask, what is read."""

from __future__ import annotations

from typing import Any

from console.options.given import add_collections
from console.values import checked
from crawler.seeds import checks


def add_url(parser: Any, nargs: str) -> None:
    """The addresses; ``nargs`` says how many."""
    parser.add_argument("urls", nargs=nargs, metavar="URL", type=checked(checks.address))


def add_networks(parser: Any) -> None:
    """The networks that may be reached."""
    parser.add_argument(
        "--allow-network",
        action="append",
        default=[],
        type=checked(checks.network),
        metavar="CIDR",
        help="a loopback or private network that may be asked, e.g. 127.0.0.0/8 (repeatable)",
    )


def add_rules(parser: Any) -> None:
    """What is read: fields, collections, extractors."""
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        type=checked(checks.field_line),
        metavar="NAME=RULE",
        help="extract a field by a CSS selector (the first match's text, or what ::text or ::attr(x) names)"
        " or by an XPath that begins with / (repeatable)",
    )
    add_collections(parser)
