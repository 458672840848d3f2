"""``alerts`` of an instance elsewhere."""

from __future__ import annotations

import argparse
from typing import Any

from console.commands.alerts import TRY, check, lines_of_list, lines_of_trial, show
from console.remote.client import Client, Refused
from console.remote.named import moment
from embedded.errors import UsageError


def run(options: argparse.Namespace, client: Client) -> int:
    """Print all alerts, or what one would have told in the last days."""
    check(options)
    if options.action == TRY:
        trial = _trial(client, options.alert)
        return show(options, trial, lines_of_trial(trial))
    state = sorted(map(_plain, client.rows("alerts")), key=lambda alert: int(alert["alert"]))
    return show(options, state, lines_of_list(state))


def _trial(client: Client, number: int) -> dict[str, Any]:
    try:
        trial: dict[str, Any] = client.get(f"alerts/{number}/trial")
    except Refused as refused:
        if refused.status == 404:
            raise UsageError(f"N: there is no alert {number}") from refused
        raise
    return trial


def _plain(alert: dict[str, Any]) -> dict[str, Any]:
    return {
        "alert": alert["id"],
        "name": alert["name"],
        "when": alert["words"],
        "channels": alert["channel_names"],
        "rhythm": alert["rhythm_words"],
        "enabled": alert["enabled"],
        "last_met": moment(alert["last_met_at"]),
    }
