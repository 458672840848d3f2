"""``recrawl`` by an instance elsewhere."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import Any

from console.commands.recrawl import FAILURES_SHOWN, check, line_of_order, print_summary
from console.remote.client import Client, Refused
from console.remote.named import seed_id
from crawler.outcomes import Outcome


def run(options: argparse.Namespace, client: Client) -> int:
    """Order the recrawl, print what is on its way, and with ``--wait`` wait for its end."""
    check(options)
    try:
        recrawl = _order(options, client)
    except Refused as refused:
        _print_refused(refused.sentences)
        return 1
    for ordered in recrawl["runs"]:
        print(line_of_order(ordered["run"], ordered["pages"], ordered["seed_name"]), flush=True)
    _print_refused(recrawl["refused"])
    failed = sum(_ended(client, ordered["run"]) for ordered in recrawl["runs"]) if options.wait else 0
    return 1 if recrawl["refused"] or failed else 0


def _order(options: argparse.Namespace, client: Client) -> Any:
    seed = seed_id(client, options.seed)
    if not options.urls and not options.host:
        return client.post(f"seeds/{seed}/recrawl")
    where = {"urls": options.urls} if options.urls else {"host": options.host}
    return client.post("recrawl", where | ({"seed": seed} if seed is not None else {}))


def _print_refused(sentences: Any) -> None:
    for sentence in sentences:
        print(f"crawlbeat recrawl: {sentence}", file=sys.stderr, flush=True)


def _ended(client: Client, number: int) -> int:
    """Wait for the end of a run and print what came of it; how many visits failed."""
    run = client.until(f"runs/{number}", lambda run: run["finished_at"] is not None)
    failures = client.rows(f"runs/{number}/pages", {"outcome": Outcome.FAILED.label})
    told = [(visit["url"], visit["reason"]) for visit in islice(failures, FAILURES_SHOWN)]
    print_summary(number, {outcome.label: run[outcome.label] for outcome in Outcome}, told)
    return int(run["failed"])
