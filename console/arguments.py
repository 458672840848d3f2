"""The command line: every option, its range, and the message for a wrong value."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from catalog.formats import COMPRESSIONS, FORMATS
from catalog.kinds import DEFAULT_KIND, KINDS
from console.options.backup import add_backup, add_restore
from console.options.crawl import add_crawl
from console.options.outlets import add_outlets
from console.options.search import add_search
from console.options.seeds import add_seeds
from console.options.trying import add_forecast, add_try
from console.values import checked, day, moment, run_number, whole
from crawler.seeds import checks
from djsite import env
from embedded.datadir import ROOT

PASSED_ON = ("bench", "manage", "test")  # their arguments belong to the benches, to Django and to pytest


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with exit status 2, and takes no abbreviated options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; ends the process with status 2 on a wrong one."""
    if argv and argv[0] in PASSED_ON and not _asks_for_our_help(argv):
        return argparse.Namespace(command=argv[0], rest=list(argv[1:]), data=default_data())
    return _parser().parse_args(argv)


def _asks_for_our_help(argv: Sequence[str]) -> bool:
    """Whether only help is asked for, of programs that may not be installed yet."""
    return argv[0] in ("bench", "test") and list(argv[1:]) in (["--help"], ["-h"])


def default_data(below: str = "") -> Path:
    """CRAWLBEAT_DATA, or ``var`` in the clone, or a folder in it."""
    return Path(env.text("CRAWLBEAT_DATA", str(ROOT / "var" / below)))


def _data_option(default: Path, told: str) -> argparse.ArgumentParser:
    """The option ``--data``, for those who share it."""
    data = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    data.add_argument(
        "--data", type=Path, default=default, metavar="DIR", help=f"the data folder (default: {told})"
    )
    return data


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="crawlbeat",
        description="Crawls web sites on schedule, politely and without losing anything.",
        epilog="crawlbeat COMMAND --help shows the options of a command. With CRAWLBEAT_URL and "
        "CRAWLBEAT_TOKEN, commands ask the instance there.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    data = _data_option(default_data(), "var")
    for add in (
        *(_up, _status, _doctor, _demo, add_crawl, add_try, add_forecast, _recrawl, _export, _verify),
        *(_changes, _explain, _alerts, _notify, _mcp, _reextract, _fixtures, add_seeds, add_search),
        *(add_outlets, add_backup, add_restore),
    ):
        add(commands, data)
    _passed_on(commands, "test", "run the whole test suite; arguments go to pytest", "[ARGUMENT ...]")
    _passed_on(commands, "bench", "measure how fast and how polite it is here", "NAME [OPTION ...]")
    commands.add_parser("manage", help="Django's manage.py; arguments go to it")
    return parser


def _passed_on(commands: Any, name: str, told: str, usage: str) -> None:
    """A command of developers, of which only the help is ours."""
    commands.add_parser(
        name,
        help=told,
        usage=f"crawlbeat {name} {usage}",
        description=f"{told[0].upper()}{told[1:]}. The first call installs the packages of the developers.",
        epilog="docs/benchmarks.md names the benches and their options." if name == "bench" else None,
    )


def _serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=whole(1, 65535), default=8000, help="port of the site (default: 8000)")


def _up(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("up", parents=[data], help="run everything in the foreground")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address that the site listens at (default: 127.0.0.1, this machine only); 0.0.0.0 is every "
        "network of this machine. A name by which others ask belongs into ALLOWED_HOSTS",
    )
    _serve_options(parser)


def _demo(commands: Any, data: argparse.ArgumentParser) -> None:
    apart = _data_option(default_data("demo"), "var/demo, apart from your own")
    parser = commands.add_parser(
        "demo", parents=[apart], help="up, with a small shop to crawl and two seeds that crawl it"
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


def _recrawl(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "recrawl",
        parents=[data],
        help="fetch pages again now, before all that waits",
        epilog="Without URLs, all pages of the seed or of the host are fetched again. Exit status: 0 all of "
        "it is on its way (with --wait: was fetched), 1 some is not, 2 wrong usage, 130 interrupted.",
    )
    parser.add_argument("urls", nargs="*", metavar="URL", type=checked(checks.address))
    parser.add_argument(
        "--seed", metavar="NAME", help="for this seed only; default: every seed that has them"
    )
    parser.add_argument(
        "--host",
        type=checked(checks.address),
        metavar="ORIGIN",
        help="all pages of a host: https://example.org",
    )
    parser.add_argument("--wait", action="store_true", help="wait for the end and say what came of it")


def _export(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "export",
        parents=[data],
        help="write records, pages or their answers to a file",
        epilog=" ".join(f"{kind.name}: {kind.meaning}." for kind in KINDS.values()),
    )
    parser.add_argument("kind", nargs="?", default=DEFAULT_KIND, choices=list(KINDS))
    parser.add_argument("--seed", metavar="NAME", help="of this seed only")
    parser.add_argument(
        "--run",
        type=run_number,
        metavar="ID|latest",
        help="of this run only; latest: the last that has finished",
    )
    parser.add_argument("--unfinished", action="store_true", help="also a run that has not finished")
    parser.add_argument(
        "--as-of",
        type=checked(moment),
        metavar="TIME",
        help="as they were then: 2026-11-20 or 2026-11-20T08:00 (UTC, or with a zone such as +01:00)",
    )
    parser.add_argument("--format", choices=list(FORMATS), help="default: by the file's ending")
    parser.add_argument(
        "--compress", choices=list(COMPRESSIONS), help="default: by the file's ending, such as .csv.gz"
    )
    parser.add_argument("--all", action="store_true", help="also visits that stored nothing")
    parser.add_argument("--held", action="store_true", help="also while a broken promise holds the data")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file; - is stdout")


def _verify(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "verify",
        parents=[data],
        help="check a file of export: its checksum, its rows, and its values against the archive",
        epilog="FILE.manifest.json lies beside the file. Exit status: 0 all is as it was, 1 the file was "
        "changed or the archive gives other values, 2 wrong usage, 3 what some values are from "
        "is not kept any more.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the file")
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="default: FILE.manifest.json")


def _changes(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "changes",
        parents=[data],
        help="what is new, changed or gone, as JSON Lines",
        epilog="Each page and record comes once, with its latest state. To go on later, give the 'cursor' of "
        "the last line that you have worked on.",
    )
    parser.add_argument("--seed", metavar="NAME", help="of this seed only")
    parser.add_argument("--since", metavar="CURSOR", default="", help="after this one; default: everything")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the file; - is stdout")


def _explain(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "explain",
        parents=[data],
        help="why an address is stored or missing, and what would have to change",
        epilog="Nothing is asked of its site. Exit status: 0 it is stored; 1 it is not, not yet, or no more; "
        "2 wrong usage, or no address.",
    )
    parser.add_argument("url", metavar="URL", help="any address, also one never seen; www.… will do")
    parser.add_argument("--seed", metavar="NAME", help="for this seed only; default: all that may have it")
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _notify(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "notify",
        parents=[data],
        help="the channels by which people are told, and whether they work",
        epilog="Exit status: 0 a list, or a test that arrived; 1 it did not arrive; 2 wrong usage.",
    )
    parser.add_argument("--test", metavar="CHANNEL", help="send a test by this channel, and print the answer")


def _mcp(commands: Any, data: argparse.ArgumentParser) -> None:
    commands.add_parser(
        "mcp",
        parents=[data],
        help="a server of the Model Context Protocol on stdin and stdout, for the instance of CRAWLBEAT_URL",
    )


def _alerts(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "alerts",
        parents=[data],
        help="what people are told of and where; with 'try N', what an alert would have told",
        epilog="Alerts are made on the site: /alerts/new/.",
    )
    parser.add_argument("action", nargs="?", choices=["list", "try"], default="list")
    parser.add_argument("alert", nargs="?", type=whole(1, 2**63 - 1), metavar="N", help="the alert's number")
    parser.add_argument("--json", action="store_true", help="the same for programs")


def _fixtures(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "fixtures",
        parents=[data],
        help="write stored pages of a run as a folder with a test, which needs no network",
        epilog="pytest DIR is green while the rules and extractors read what they read in the run.",
    )
    parser.add_argument("run", type=run_number, metavar="RUN|latest", help="the run")
    parser.add_argument("-o", "--output", metavar="DIR", help="a new folder (default: fixtures-RUN)")
    parser.add_argument(
        "--pages", type=whole(1, 100_000), default=50, metavar="N", help="at most so many pages (50)"
    )


def _reextract(commands: Any, data: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "reextract",
        parents=[data],
        help="read stored pages again by a seed's rules, and show what would change",
        epilog="No record changes before --promote. An interrupted command goes on when it is given again.",
    )
    parser.add_argument("--seed", metavar="NAME", required=True)
    parser.add_argument(
        "--since",
        type=checked(day),
        metavar="DATE",
        help="leave out versions fetched before, but never a page's latest (YYYY-MM-DD, UTC)",
    )
    parser.add_argument("--collection", metavar="NAME", default="", help="only this collection changes")
    then = parser.add_mutually_exclusive_group()
    then.add_argument("--promote", action="store_true", help="use the last result, as a whole")
    then.add_argument("--drop", action="store_true", help="drop the last result")
    then.add_argument("--show", action="store_true", help="print the last result")
    parser.add_argument("--json", action="store_true", help="the same for programs")
