"""``crawlbeat status``: what runs, since when, how the lanes and runs are, and where things lie."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError

from catalog.clock import db_now
from catalog.models import Run
from embedded.datadir import DataFolder
from scheduler.watch.health import report

HEALTHY, PROBLEMS, NOT_RUNNING = 0, 1, 3
RUNS_SHOWN = 10


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print the state of things; 0 when all is well, 1 with problems, 3 when nothing runs."""
    found = look(folder)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(lines(found)))
    if not found["running"]:
        return NOT_RUNNING
    return PROBLEMS if found["problems"] else HEALTHY


def look(folder: DataFolder) -> dict[str, Any]:
    """Everything there is to say, as plain data."""
    state = folder.keeper() if folder.path.is_dir() else None
    found: dict[str, Any] = {
        "running": state is not None,
        "keeper": state or None,
        "data": str(folder.path),
        "logs": str(folder.logs),
        "health": None,
        "runs": [],
        "problems": [],
    }
    if state is None:
        return found
    down = [name for name, child in state.get("children", {}).items() if child["pid"] is None]
    found["problems"] += [f"{name} is down and will be started again." for name in down]
    try:
        found["health"] = report(db_now())
        found["runs"] = open_runs()
    except DatabaseError as error:
        found["problems"].append(f"The database does not answer: {error}")
    else:
        found["problems"] += _of_this_keeper(state, found["health"]["problems"])
    return found


def _of_this_keeper(state: dict[str, Any], problems: list[str]) -> list[str]:
    """A crawl by itself has no clock, and wants none."""
    return [text for text in problems if state.get("kind") != "crawl" or not text.startswith("Beat")]


def open_runs() -> list[dict[str, Any]]:
    """The runs that have not ended, newest first."""
    runs = Run.objects.filter(finished_at=None).select_related("seed").order_by("-pk")[:RUNS_SHOWN]
    return [
        {
            "run": run.pk,
            "seed": run.seed.name,
            "state": run.state,
            "since": run.started_at.isoformat() if run.started_at else None,
            "discovered": run.discovered,
            "done": run.done,
        }
        for run in runs
    ]


def lines(found: dict[str, Any]) -> list[str]:
    """The same for people."""
    where = [f"data  {found['data']}", f"logs  {found['logs']}"]
    if not found["running"]:
        return ["Crawlbeat is not running.", *where]
    keeper = found["keeper"] or {}
    told = [_headline(keeper), *where]
    told += [_child(name, child) for name, child in keeper.get("children", {}).items()]
    if found["health"]:
        told += ["", *(_lane(lane) for lane in found["health"]["lanes"])]
    if found["runs"]:
        told += ["", *(_run(run) for run in found["runs"])]
    problems = found["problems"]
    return (
        [*told, "", *(f"Problem: {text}" for text in problems)] if problems else [*told, "", "All is well."]
    )


def _headline(keeper: dict[str, Any]) -> str:
    if not keeper:
        return "Crawlbeat is starting."
    address = f" at {keeper['address']}" if keeper.get("address") else ""
    since = _ago(keeper["started_at"])
    return f"Crawlbeat is running{address} ('{keeper['kind']}', process {keeper['pid']}, for {since})."


def _child(name: str, child: dict[str, Any]) -> str:
    if child["pid"] is None:
        return f"  {name:<14} down"
    again = f", restarted {child['restarts']} times" if child["restarts"] else ""
    return f"  {name:<14} process {child['pid']}, for {_ago(child['since'])}{again}"


def _lane(lane: dict[str, Any]) -> str:
    stages = ", ".join(f"{stage} {_number(lane[stage])}" for stage in ("fetch", "parse", "store"))
    oldest = f", the oldest for {_ago(lane['oldest_due'])}" if lane["oldest_due"] else ""
    return f"lane {lane['lane']:<8} waiting: {stages}; hosts due: {lane['due_hosts']}{oldest}"


def _run(run: dict[str, Any]) -> str:
    since = f" for {_ago(run['since'])}" if run["since"] else ""
    far = f"{run['done']} of {run['discovered']} done"
    return f"run {run['run']} of {run['seed']!r}: {run['state']}{since}, {far}"


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


def _ago(moment: str) -> str:
    """How long ago a moment was, in the unit that fits."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
