"""The command line: every option, its range, and the message for a wrong value."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from catalog.formats import FORMATS
from crawler.lanes import Lane
from crawler.policy import Scope
from crawler.rules.scope import check_pattern
from crawler.seeds import checks
from crawler.seeds.numbers import check_number, default_of
from djsite import env
from embedded.datadir import ROOT

_T = TypeVar("_T")
PASSED_ON = ("bench", "manage", "test")  # their arguments belong to the benches, to Django and to pytest


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with exit status 2, and takes no abbreviated options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; ends the process with status 2 on a wrong one."""
    if argv and argv[0] in PASSED_ON:
        return argparse.Namespace(command=argv[0], rest=list(argv[1:]), data=default_data())
    return _parser().parse_args(argv)


def default_data() -> Path:
    """CRAWLBEAT_DATA, or ``var`` in the clone."""
    return Path(env.text("CRAWLBEAT_DATA", str(ROOT / "var")))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crawlbeat",
        description="Crawls web sites on schedule, politely and without losing anything.",
        epilog="crawlbeat COMMAND --help shows the options of a command.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    data = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    data.add_argument(
        "--data", type=Path, default=default_data(), metavar="DIR", help="the data folder (default: var)"
    )
    for add in (_up, _status, _doctor, _demo, _crawl, _recrawl, _export):
        add(commands, data)
    commands.add_parser("test", help="run the whole test suite; arguments go to pytest")
    commands.add_parser("bench", help="measure how fast and how polite it is here (docs/benchmarks.md)")
    commands.add_parser("manage", help="Django's manage.py; arguments go to it")
    return parser


def _serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=_whole(1, 65535), default=8000, help="port of the site (default: 8000)"
    )


def _up(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("up", parents=[data], help="run everything in the foreground")
    parser.add_argument("--host", default="127.0.0.1", help="address of the site (default: 127.0.0.1)")
    _serve_options(parser)


def _demo(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "demo", parents=[data], help="up, with a small shop to crawl and two seeds that crawl it"
    )
    parser.set_defaults(host="127.0.0.1")
    _serve_options(parser)


def _status(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "status",
        parents=[data],
        help="what runs, since when, and where things are",
        epilog="Exit status: 0 all is well, 1 something is wrong, 3 nothing runs.",
    )
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _doctor(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "doctor",
        parents=[data],
        help="what is wrong, and what to do about it",
        epilog="Exit status: 0 all is well, 1 there are problems, 3 nothing can be seen (no data folder, or "
        "the database does not answer).",
    )
    parser.add_argument("--json", action="store_true", help="the same for programs")
    parser.add_argument("--all", action="store_true", help="look at every segment, not the latest 2,000 only")


def _crawl(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "crawl",
        parents=[data],
        help="crawl once and write the pages to a file",
        epilog="Exit status: 0 pages were stored or found unchanged, 1 none was, 2 wrong usage, "
        "130 interrupted.",
    )
    parser.add_argument("urls", nargs="+", metavar="URL", type=_checked(checks.address))
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file; - is stdout")
    parser.add_argument("--format", choices=list(FORMATS), help="default: by the file's ending")
    parser.add_argument("--all", action="store_true", help="also visits that stored nothing")
    parser.add_argument("--resume", action="store_true", help="go on with the unfinished run of these URLs")
    _reach(parser.add_argument_group("how far"))
    _pace(parser.add_argument_group("how fast"))
    _extras(parser.add_argument_group("what"))


def _pace(pace: Any) -> None:
    pace.add_argument(
        "--delay",
        type=_number("delay", float),
        default=default_of("delay"),
        metavar="SECONDS",
        help="between two requests (1)",
    )
    pace.add_argument(
        "--per-host",
        type=_number("per_host"),
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
        type=_number("priority"),
        default=default_of("priority"),
        metavar="0-9",
        help="9 goes first (5)",
    )
    pace.add_argument("--user-agent", type=_user_agent, help="default: names Crawlbeat")


def _extras(group: Any) -> None:
    group.add_argument(
        "--header",
        action="append",
        default=[],
        type=_checked(checks.header),
        metavar="'NAME: VALUE'",
        help="a request header, sent to the hosts of the URLs only (repeatable)",
    )
    group.add_argument(
        "--field",
        action="append",
        default=[],
        type=_checked(checks.field_line),
        metavar="NAME=CSS",
        help="extract a field: the first match's text, or what ::text or ::attr(x) names (repeatable)",
    )


def _reach(reach: Any) -> None:
    reach.add_argument(
        "--scope",
        choices=[str(scope) for scope in Scope],
        default=str(Scope.HOST),
        help="the URLs alone, their folders, their hosts or their domains (host)",
    )
    reach.add_argument(
        "--depth", type=_number("max_depth"), metavar="N", help="links to follow from the start (no limit)"
    )
    reach.add_argument(
        "--max-pages", type=_number("max_pages"), metavar="N", help="pages of the run (no limit)"
    )
    for word, which in (("include", "only"), ("exclude", "no")):
        reach.add_argument(
            f"--{word}",
            action="append",
            default=[],
            type=_checked(check_pattern),
            metavar="PATTERN",
            help=f"{which} addresses that match; * is anything, re: begins a regular expression (repeatable)",
        )
    reach.add_argument(
        "--ignore-param",
        action="append",
        default=[],
        type=_checked(checks.parameter),
        metavar="NAME",
        help="a query parameter that does not change a page; * ends a prefix (repeatable)",
    )
    reach.add_argument(
        "--sitemap",
        action="append",
        default=[],
        type=_checked(checks.address),
        metavar="URL",
        help="a sitemap or feed to read (repeatable)",
    )
    reach.add_argument(
        "--allow-network",
        action="append",
        default=[],
        type=_checked(checks.network),
        metavar="CIDR",
        help="a loopback or private network that may be asked, e.g. 127.0.0.0/8 (repeatable)",
    )


def _recrawl(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "recrawl",
        parents=[data],
        help="fetch pages again now, in the urgent lane",
        epilog="Without URLs, all pages of the seed or of the host are fetched again. Exit status: 0 all of "
        "it is on its way (with --wait: was fetched), 1 some is not, 2 wrong usage, 130 interrupted.",
    )
    parser.add_argument("urls", nargs="*", metavar="URL", type=_checked(checks.address))
    parser.add_argument(
        "--seed", metavar="NAME", help="for this seed only; default: every seed that has them"
    )
    parser.add_argument(
        "--host",
        type=_checked(checks.address),
        metavar="ORIGIN",
        help="all pages of a host: https://example.org",
    )
    parser.add_argument("--wait", action="store_true", help="wait for the end and say what came of it")


def _export(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("export", parents=[data], help="write pages or records to a file")
    parser.add_argument("kind", choices=["pages", "records"])
    parser.add_argument("--seed", metavar="NAME", help="of this seed only")
    parser.add_argument("--run", type=_run, metavar="ID|latest", help="of this run only")
    parser.add_argument("--format", choices=list(FORMATS), help="default: by the file's ending")
    parser.add_argument("--all", action="store_true", help="also visits that stored nothing")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file; - is stdout")


def _whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def convert(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from {low} to {high}")
        return number

    return convert


def _checked(check: Callable[[str], _T]) -> Callable[[str], _T]:
    """A check of a part of a seed (:mod:`crawler.seeds`) as argparse wants it."""

    def convert(value: str) -> _T:
        try:
            return check(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def _number(name: str, kind: type[int] | type[float] = int) -> Callable[[str], float | None]:
    """A number of a seed, in its range."""

    def check(value: str) -> float | None:
        try:
            number = kind(value)
        except ValueError:
            whole = "a whole number" if kind is int else "a number"
            raise ValueError(f"Enter {whole}.") from None
        return check_number(name, number)

    return _checked(check)


def _user_agent(value: str) -> str:
    if not value.strip():
        raise argparse.ArgumentTypeError("Leave the option out for Crawlbeat's own.")
    return _checked(checks.user_agent)(value)


def _run(value: str) -> str:
    if value != "latest" and not (value.isascii() and value.isdigit() and len(value) < 19):
        raise argparse.ArgumentTypeError(f"{value!r} is neither a run's number nor 'latest'")
    return value
