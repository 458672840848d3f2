"""``export`` of an instance elsewhere: the file is made there, and downloaded; a broken line goes on."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from console.commands.export import LATEST, MANIFEST, check, unfinished_run
from console.output import Output
from console.remote.client import Client, Refused
from console.remote.named import seed_id
from embedded.errors import Trouble, UsageError

WAITING, DONE, FINISHED, RECRAWL = "waiting", "done", "finished", "recrawl"


def run(options: argparse.Namespace, client: Client) -> int:
    """Have the file made, wait, write it with its manifest, and say how many rows it has."""
    output = Output(options.output, options.format, options.compress)
    check(options, output.format, output.compression)
    export = _made(client, _wanted(options, output, client))
    manifest = client.get(f"exports/{export['id']}/manifest")
    with output.open() as file:
        checksum = client.download(f"exports/{export['id']}/file", file)
        if checksum != manifest["sha256"]:
            raise Trouble("the file that arrived is not the one that was sent: its checksum differs")
    output.write_beside(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    print(f"{export['rows']:,} {options.kind}", file=sys.stderr)
    return 0


def _wanted(options: argparse.Namespace, output: Output, client: Client) -> dict[str, Any]:
    seed = seed_id(client, options.seed)
    run = None if options.run is None else _run(client, options, seed)
    return {
        "kind": options.kind,
        "format": output.format,
        "compression": output.compression,
        "seed": None if run is not None else seed,
        "run": run,
        "every_outcome": options.all,
        "as_of": options.as_of and options.as_of.isoformat(),
        "although_held": options.held,
    }


def _made(client: Client, wanted: dict[str, Any]) -> Any:
    try:
        number = client.post("exports", wanted)["id"]
    except Refused as refused:
        if held := refused.fields.get("although_held"):
            raise UsageError(f"{held} To export it all the same, give --held.") from refused
        raise
    export = client.until(f"exports/{number}", lambda export: export["state"] != WAITING)
    if export["state"] != DONE:
        raise Trouble(export["error"] or "the file could not be made; the log of the instance says why")
    return export


def _run(client: Client, options: argparse.Namespace, seed: int | None) -> int:
    """The run that ``--run`` names, as the local command finds it. Raises UsageError for none."""
    under_way = finished = None
    for run in _candidates(client, options.run, seed):
        if run["finished_at"] is None and run["started_at"] is not None:
            under_way = under_way or run["id"]
        elif run["state"] == FINISHED:
            finished = run["id"]
            break
    chosen = under_way if options.unfinished and under_way is not None else finished
    if chosen is None:
        raise UsageError(unfinished_run(options.run, under_way, options.seed))
    return int(chosen)


def _candidates(client: Client, number: str, seed: int | None) -> Any:
    """Runs that may be meant, newest first."""
    if number == LATEST:
        return (run for run in client.rows("runs", {"seed": seed}) if run["kind"] != RECRAWL)
    try:
        run = client.get(f"runs/{number}")
    except Refused as refused:
        if refused.status != 404:
            raise
        return ()
    return (run,) if seed in (None, run["seed"]) else ()
