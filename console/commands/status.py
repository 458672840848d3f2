"""``crawlbeat status``: what runs, since when, the state of lanes and runs, and where files are."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError

from catalog.clock import db_now
from catalog.models import Run
from console.checks import child_findings, needed
from console.trouble import database_trouble
from djsite.desk.health import Finding, Level, in_short, report
from djsite.desk.words import rough_span
from embedded.datadir import DataFolder

HEALTHY, PROBLEMS, NOT_RUNNING = 0, 1, 3
RUNS_SHOWN = 10


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print the state of things; 0 when all is well, 1 with problems, 3 when nothing runs."""
    state = state_of(folder)
    if options.json:
        print(json.dumps(state, indent=2))
    else:
        print("\n".join(lines(state)))
    if not state["running"]:
        return NOT_RUNNING
    return PROBLEMS if state["problems"] else HEALTHY


def state_of(folder: DataFolder) -> dict[str, Any]:
    """The state of the data folder, as plain data."""
    keeper = folder.keeper() if folder.path.is_dir() else None
    state: dict[str, Any] = {
        "running": keeper is not None,
        "keeper": keeper or None,
        "data": str(folder.path),
        "logs": str(folder.logs),
        "health": None,
        "runs": [],
        "problems": [],
        "notes": [],
        "summary": "",
    }
    if keeper is None:
        return state
    told = child_findings(keeper)
    try:
        state["health"] = report(db_now())
        state["runs"] = open_runs()
    except DatabaseError as error:
        told.append(Finding("database", database_trouble(error), "See that the database answers."))
    else:
        told += needed([Finding(**finding) for finding in state["health"]["findings"]], keeper)
    state["problems"] = [finding.told for finding in told if finding.level == Level.PROBLEM]
    state["notes"] = [finding.told for finding in told if finding.level == Level.NOTE]
    state["summary"] = in_short(told)
    return state


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


def lines(state: dict[str, Any]) -> list[str]:
    """The same for people."""
    where = [f"data  {state['data']}", f"logs  {state['logs']}"]
    if not state["running"]:
        return ["Crawlbeat is not running.", *where]
    keeper = state["keeper"] or {}
    text = [_headline(keeper), *where]
    text += [_child(name, child) for name, child in keeper.get("children", {}).items()]
    return [*text, *below(state)]


def below(state: dict[str, Any]) -> list[str]:
    """What is waiting, which runs go on, and what is wrong."""
    text: list[str] = []
    if state["health"]:
        text += ["", *(_lane(lane) for lane in state["health"]["lanes"])]
    if state["runs"]:
        text += ["", *(_run(run) for run in state["runs"])]
    text += ["", *(f"Problem: {problem}" for problem in state["problems"])]
    return [*text, *(f"Note: {note}" for note in state["notes"]), state["summary"]]


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
    progress = f"{run['done']} of {run['discovered']} done"
    return f"run {run['run']} of {run['seed']!r}: {run['state']}{since}, {progress}"


def _number(value: int | None) -> str:
    return "?" if value is None else str(value)


def _ago(moment: str) -> str:
    """How long ago a moment was."""
    return rough_span((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
