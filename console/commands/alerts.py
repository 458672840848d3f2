"""``crawlbeat alerts``: what people are told of and where, and what an alert would have told."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from catalog.clock import db_now
from catalog.models import Alert
from catalog.schema import bring_up_to_date
from console.checks import no_database
from djsite.desk.alerts.reading import list_alerts, try_on_past
from djsite.desk.alerts.words import condition_words, rhythm_words
from embedded.datadir import DataFolder
from embedded.errors import UsageError

TRY = "try"


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print all alerts, or what one would have told in the last days."""
    check(options)
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    if options.action == TRY:
        trial = _trial(options.alert)
        return show(options, trial, lines_of_trial(trial))
    state = [_plain(alert) for alert in list_alerts().order_by("pk")]
    return show(options, state, lines_of_list(state))


def check(options: argparse.Namespace) -> None:
    """Raise UsageError unless the words go together."""
    if (options.action == TRY) != (options.alert is not None):
        raise UsageError("write 'alerts try N' with the number of an alert, or 'alerts' for the list")


def show(options: argparse.Namespace, state: object, lines: Sequence[str]) -> int:
    """Print what there is for programs or for people."""
    print(json.dumps(state, indent=2, ensure_ascii=False) if options.json else "\n".join(lines))
    return 0


def lines_of_list(state: Sequence[dict[str, Any]]) -> list[str]:
    """All alerts for people."""
    return [_line(alert) for alert in state] or ["There are no alerts. They are made on the site."]


def lines_of_trial(trial: dict[str, Any]) -> list[str]:
    """What an alert would have told, for people."""
    return [trial["told"], *(f"  {each['at'][:16]}  {each['what']}" for each in trial["examples"])]


def _plain(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.pk,
        "name": alert.name,
        "when": condition_words(alert),
        "channels": [channel.name for channel in alert.channels.all()],
        "rhythm": rhythm_words(alert),
        "enabled": alert.enabled,
        "last_met": alert.last_met_at.isoformat() if alert.last_met_at else None,
    }


def _line(alert: dict[str, Any]) -> str:
    where = ", ".join(alert["channels"]) or "nobody"
    off = "" if alert["enabled"] else " (paused)"
    named = "" if alert["name"] == alert["when"] else f" ({alert['when']})"
    return f"{alert['alert']:>4}  {alert['name']}{named} -> {where}, {alert['rhythm']}{off}"


def _trial(number: int) -> dict[str, Any]:
    """An alert on the past, as plain data."""
    alert = list_alerts().filter(pk=number).first()
    if alert is None:
        raise UsageError(f"N: there is no alert {number}")
    trial = try_on_past(alert, db_now())
    examples = [{"at": line.event.at.isoformat(), "what": line.sentence} for line in trial.examples]
    return {"alert": number, "told": trial.sentence, "whole": trial.whole, "examples": examples}
