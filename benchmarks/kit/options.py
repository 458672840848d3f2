"""The command line of the benches."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

NAMES = (
    "throughput", "politeness", "frontier", "seeds", "tarpits", "schedules", "scaling", "memory", "urgent",
    "startup", "idle", "chaos", "browse", "export", "extract", "forecast", "reextract", "change", "search",
)  # fmt: skip
DATABASES = ("sqlite", "postgres")
PEERS = ("scrapy", "crawlee")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options; ends the process with status 2 on a wrong one."""
    parser = argparse.ArgumentParser(
        prog="crawlbeat bench",
        description="Measures Crawlbeat, on this machine and reproducibly (docs/benchmarks.md).",
        allow_abbrev=False,
    )
    parser.add_argument("name", choices=NAMES)
    _add_common(parser)
    _add_sizes(parser)
    _add_faults(parser)
    return parser.parse_args(argv)


def _add_common(parser: argparse.ArgumentParser) -> None:
    """How, how often and with what is measured, and where that is written."""
    parser.add_argument("--data", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="a tiny size, to try the bench itself")
    parser.add_argument(
        "--rounds",
        type=_positive,
        help="how often everything is run (default: 3; of browse, each request: 20)",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="default: bench/NAME.json in the data folder"
    )
    parser.add_argument(
        "--database", action="append", choices=DATABASES, help="only this one (repeatable; default: both)"
    )
    parser.add_argument(
        "--peers",
        action="append",
        choices=[*PEERS, "none"],
        help="only this one (repeatable; default: all that the bench knows)",
    )
    parser.add_argument(
        "--profile", action="store_true", help="throughput: CPU by stage, in a run of its own"
    )


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    """How much there is to do."""
    parser.add_argument(
        "--pages",
        type=_positive,
        metavar="N",
        help="throughput, memory: pages of the web; browse, export: of the tables; extract: items of a site;"
        " reextract: stored versions; change: pages of each site; search: of the index",
    )
    parser.add_argument(
        "--urls", type=_positive, metavar="N", help="frontier, urgent: URLs (default: 1,000,000)"
    )
    parser.add_argument(
        "--into",
        type=_positive,
        metavar="N",
        help="throughput: also crawl into databases that hold N pages, and compare (default: no)",
    )


def _add_faults(parser: argparse.ArgumentParser) -> None:
    """How long and in which order faults go on."""
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="N",
        help="chaos: how long faults go on (default: 10; each once at least)",
    )
    parser.add_argument(
        "--dice", type=int, default=0, metavar="N", help="chaos: another number, another order of faults"
    )


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
