"""The options of ``crawl``: a seed as it is written on a command line."""

from __future__ import annotations

import argparse
from typing import Any

from catalog.formats import FORMATS
from console.options.pages import add_networks, add_rules, add_url
from console.values import checked, name_of_seed, seed_number, user_agent
from crawler.lanes import Lane
from crawler.policy import ChangeMeans, Scope
from crawler.reading.content import check_noise_line
from crawler.rules.patterns import check_pattern
from crawler.seeds import checks
from crawler.seeds.numbers import default_of


def add_crawl(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser(
        "crawl",
        parents=[data],
        help="crawl once and write the pages to a file",
        epilog="Exit status: 0 pages were stored or found unchanged, 1 none was, 2 wrong usage, "
        "130 interrupted.",
    )
    add_url(parser, "+")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file; - is stdout")
    parser.add_argument("--format", choices=list(FORMATS), help="default: by the file's ending")
    parser.add_argument("--all", action="store_true", help="also visits that stored nothing")
    parser.add_argument(
        "--name",
        type=name_of_seed,
        help="the seed that this crawl belongs to, whatever its URLs are: its records are kept over time",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the unfinished run of these URLs")
    _reach(parser.add_argument_group("how far"))
    _pace(parser.add_argument_group("how fast"))
    _extras(parser.add_argument_group("what"))
    _changes(parser.add_argument_group("what a change is, and which versions are kept"))


def _pace(pace: Any) -> None:
    pace.add_argument(
        "--delay",
        type=seed_number("delay", float),
        default=default_of("delay"),
        metavar="SECONDS",
        help="between two requests (1)",
    )
    pace.add_argument(
        "--per-host",
        type=seed_number("per_host"),
        default=default_of("per_host"),
        metavar="N",
        help="connections to a host (1)",
    )
    pace.add_argument(
        "--lane",
        choices=[lane.label for lane in Lane],
        default=Lane.NORMAL.label,
        help="workers of its own; urgent goes first (normal)",
    )
    pace.add_argument(
        "--priority",
        type=seed_number("priority"),
        default=default_of("priority"),
        metavar="0-9",
        help="9 goes first (5)",
    )
    pace.add_argument("--user-agent", type=user_agent, help="default: names Crawlbeat")


def _extras(group: Any) -> None:
    group.add_argument(
        "--header",
        action="append",
        default=[],
        type=checked(checks.header),
        metavar="'NAME: VALUE'",
        help="a request header, sent to the hosts of the URLs only (repeatable)",
    )
    group.add_argument(
        "--request",
        action="append",
        default=[],
        metavar="JSON|FILE",
        help="a request with a body, beside the URLs: "
        '{"url": "https://…", "json": {…}}, as JSON or in a file (repeatable)',
    )
    add_rules(group)


def _changes(group: Any) -> None:
    group.add_argument(
        "--change-means",
        choices=[str(choice) for choice in ChangeMeans],
        default=str(ChangeMeans.CONTENT),
        help="what makes a new version of a page: other content, other values of fields, any other byte "
        "(content)",
    )
    group.add_argument(
        "--noise",
        action="append",
        default=[],
        type=checked(check_noise_line),
        metavar="LINE",
        help="what is no content: 'css: .ads', 're: Seen [0-9]+ times', dates or counters (repeatable)",
    )
    group.add_argument(
        "--no-learned-noise",
        action="store_false",
        dest="learn_noise",
        help="let parts count too that change by themselves at nearly every visit",
    )
    group.add_argument(
        "--second-look-minutes",
        type=seed_number("second_look_minutes"),
        default=default_of("second_look_minutes"),
        metavar="N",
        help="after which a change is looked at again before people are told (5)",
    )
    group.add_argument(
        "--keep-versions", type=seed_number("keep_versions"), metavar="N", help="of a page (all)"
    )
    group.add_argument(
        "--keep-days", type=seed_number("keep_days"), metavar="N", help="that a version is kept (for ever)"
    )
    group.add_argument(
        "--keep-daily", action="store_true", help="of days that are older, keep the last version of each"
    )


def _reach(reach: Any) -> None:
    reach.add_argument(
        "--scope",
        choices=[str(scope) for scope in Scope],
        default=str(Scope.HOST),
        help="the URLs alone, their folders, their hosts or their domains (host)",
    )
    reach.add_argument(
        "--depth",
        type=seed_number("max_depth"),
        metavar="N",
        help="links to follow from the start (no limit)",
    )
    reach.add_argument(
        "--max-pages", type=seed_number("max_pages"), metavar="N", help="pages of the run (no limit)"
    )
    for word, which in (("include", "only"), ("exclude", "no")):
        reach.add_argument(
            f"--{word}",
            action="append",
            default=[],
            type=checked(check_pattern),
            metavar="PATTERN",
            help=f"{which} addresses that match; * is anything, re: begins a regular expression (repeatable)",
        )
    reach.add_argument(
        "--ignore-param",
        action="append",
        default=[],
        type=checked(checks.parameter),
        metavar="NAME",
        help="a query parameter that does not change a page; * ends a prefix (repeatable)",
    )
    reach.add_argument(
        "--sitemap",
        action="append",
        default=[],
        type=checked(checks.address),
        metavar="URL",
        help="a sitemap or feed to read (repeatable)",
    )
    add_networks(reach)
