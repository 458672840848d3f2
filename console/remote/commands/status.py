"""``status`` of an instance elsewhere."""

from __future__ import annotations

import argparse
import json
from itertools import islice
from typing import Any

from console.commands.status import HEALTHY, PROBLEMS, RUNS_SHOWN, below
from console.remote.client import Client
from console.remote.named import moment
from djsite.desk.health import Level


def run(options: argparse.Namespace, client: Client) -> int:
    """Print the state of things; 0 when all is well, 1 with problems."""
    state = state_of(client)
    if options.json:
        print(json.dumps(state, indent=2))
    else:
        print("\n".join([f"Crawlbeat is running at {client.place.url}.", *below(state)]))
    return PROBLEMS if state["problems"] else HEALTHY


def state_of(client: Client) -> dict[str, Any]:
    """The state as plain data; processes and files are known to the machine alone on which they are."""
    health = client.get("health")
    runs = islice(client.rows("runs", {"unfinished": True}), RUNS_SHOWN)
    return {
        "running": True,
        "address": client.place.url,
        "health": health,
        "runs": [_run(run) for run in runs],
        "problems": health["problems"],
        "notes": [each["told"] for each in health["findings"] if each["level"] == Level.NOTE],
        "summary": health["summary"],
    }


def _run(run: dict[str, Any]) -> dict[str, Any]:
    ended = ("stored", "unchanged", "redirected", "failed", "skipped")
    return {
        "run": run["id"],
        "seed": run["seed_name"],
        "state": run["state"],
        "since": moment(run["started_at"]),
        "discovered": run["found"],
        "done": sum(run[name] for name in ended),
    }
