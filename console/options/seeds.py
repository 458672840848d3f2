"""The options of ``seeds``: seeds as a file, and addresses of a file as seeds."""

from __future__ import annotations

import argparse
from typing import Any

from console.values import checked, name_of_seed, span
from crawler.policy import Scope
from crawler.seeds.files.others import OTHERS


def add_seeds(commands: Any, data: argparse.ArgumentParser) -> None:
    """Add the command to ``commands``, with the options that ``data`` has."""
    parser = commands.add_parser("seeds", help="seeds as a file (YAML): export, import, diff; and a list")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))
    _list(actions, data)
    _export(actions, data)
    _import(actions, data)
    _diff(actions, data)
    _add(actions, data)
    actions.add_parser("schema", parents=[data], help="print the JSON Schema of such a file")


def _list(actions: Any, data: argparse.ArgumentParser) -> None:
    parser = actions.add_parser("list", parents=[data], help="all seeds: when they run, and the last run")
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _export(actions: Any, data: argparse.ArgumentParser) -> None:
    parser = actions.add_parser(
        "export",
        parents=[data],
        help="write seeds as YAML; the values of their headers are left out",
        epilog="Only what is not as usual is written. Seeds that 'crawl' has made are not in it.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these seeds only")
    parser.add_argument("--tag", metavar="WORD", help="only those with this tag")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="the file (default: stdout)")


def _import(actions: Any, data: argparse.ArgumentParser) -> None:
    parser = actions.add_parser(
        "import",
        parents=[data],
        help="make and change seeds, by name, as a file says; all of it or nothing",
        epilog="Exit status: 0 it was done, 1 something stops it, 2 the file is wrong and nothing was done.",
    )
    _file(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done, as 'diff' does")


def _diff(actions: Any, data: argparse.ArgumentParser) -> None:
    parser = actions.add_parser(
        "diff",
        parents=[data],
        help="say what an import of a file would do",
        epilog="Exit status: 0 nothing would change, 1 something would, 2 the file is wrong.",
    )
    _file(parser)


def _add(actions: Any, data: argparse.ArgumentParser) -> None:
    parser = actions.add_parser(
        "add",
        parents=[data],
        help="make a seed of addresses, or of a list of them: text, CSV, OPML, a sitemap",
        epilog="Addresses that a seed begins with already are left out. Exit status: 0 it was done, "
        "2 it cannot be done, and nothing was.",
    )
    parser.add_argument("urls", nargs="*", metavar="URL")
    parser.add_argument("--file", metavar="FILE", help="the list; - is stdin")
    parser.add_argument("--column", metavar="NAME", help="of a table: the heading or the number of a column")
    parser.add_argument("--name", type=name_of_seed, help="of the seed (default: that of the file)")
    parser.add_argument("--each", action="store_true", help="a seed for each address")
    parser.add_argument(
        "--scope",
        choices=[str(scope) for scope in Scope],
        default=str(Scope.PAGE),
        help="these pages alone, their folders, their hosts or their domains (page)",
    )
    parser.add_argument(
        "--every", type=checked(span), metavar="SPAN", help="how often: 30m, 6h, 1d (default: by hand)"
    )
    parser.add_argument("--tag", action="append", default=[], metavar="WORD", help="a tag (repeatable)")
    parser.add_argument("--dry-run", action="store_true", help="only count what is new, known and wrong")


def _file(parser: Any) -> None:
    parser.add_argument("file", metavar="FILE", help="the file; - is stdin")
    parser.add_argument(
        "--from",
        dest="other",
        choices=sorted(OTHERS),
        help="it is the list of another program: urls.yaml of urlwatch, url-watches.json of changedetection",
    )
    parser.add_argument("--prune", action="store_true", help="delete the seeds that the file does not name")
