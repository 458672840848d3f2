"""``seeds`` of an instance elsewhere: the list, files of seeds and lists of addresses."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from console.commands.seeds.adding import WRONG, listed_addresses, print_counts, print_made, wish_of
from console.commands.seeds.bringing_in import print_problems, written_text
from console.commands.seeds.giving_out import print_number, show_list, write_text
from console.remote.client import Client, Refused
from console.remote.named import moment
from crawler.seeds.files.schema import schema_text
from embedded.errors import UsageError


def run(options: argparse.Namespace, client: Client) -> int:
    """Do what the action says; its exit status."""
    return _ACTIONS[options.action](options, client)


def _schema(options: argparse.Namespace, client: Client) -> int:
    sys.stdout.write(schema_text())
    return 0


def _list(options: argparse.Namespace, client: Client) -> int:
    return show_list([_plain(seed) for seed in client.rows("seeds")], as_json=options.json)


def _plain(seed: dict[str, Any]) -> dict[str, Any]:
    last = seed["last_run"]
    return {
        "seed": seed["id"],
        "name": seed["name"],
        "enabled": seed["enabled"],
        "tags": seed["tags"],
        "when": seed["schedule"],
        "next_due": moment(seed["next_run_at"]),
        "last_run": last and {"run": last["id"], "state": last["state"], "began": moment(last["created_at"])},
    }


def _export(options: argparse.Namespace, client: Client) -> int:
    try:
        answer = client.send("GET", "seeds/file", params=_asked(options))
    except Refused as refused:
        raise UsageError(refused.detail.replace("name:", "NAME:")) from refused
    write_text(options.output, answer.text)
    print_number(int(answer.headers["Seeds"]))
    return 0


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    return {"name": options.names} | ({"tag": options.tag} if options.tag is not None else {})


def _bring_in(options: argparse.Namespace, client: Client) -> int:
    text = written_text(options)
    if text is None:
        return WRONG
    preview = options.action == "diff" or options.dry_run
    try:
        planned = client.post("seeds/file", {"text": text, "prune": options.prune, "preview": preview})
    except Refused as refused:
        if refused.status != 422:
            raise
        return print_problems(options.file, refused.sentences)
    print("\n".join([*planned["lines"], planned["summary"]]))
    return int(options.action == "diff" and planned["changes"] > 0)


def _add(options: argparse.Namespace, client: Client) -> int:
    """Make seeds of addresses, or with --dry-run count them."""
    try:
        listed = listed_addresses(options)
        wish = wish_of(options, listed.urls)
        wanted = {"urls": listed.urls, **wish._asdict(), "tags": list(wish.tags), "preview": options.dry_run}
        parted = client.post("seeds/addresses", wanted)
    except Refused as refused:
        if refused.status != 422:
            raise
        print(f"crawlbeat seeds: {refused.detail}", file=sys.stderr)
        return WRONG
    except ValueError as error:
        print(f"crawlbeat seeds: {error}", file=sys.stderr)
        return WRONG
    print_counts(listed, parted["new"], parted["known"])
    if not options.dry_run:
        print_made(parted["seeds"])
    return 0


_ACTIONS = {
    "schema": _schema,
    "list": _list,
    "export": _export,
    "import": _bring_in,
    "diff": _bring_in,
    "add": _add,
}
