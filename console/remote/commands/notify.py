"""``notify`` of an instance elsewhere."""

from __future__ import annotations

import argparse

from console.commands.notify import ARRIVED, Line, lines_of, no_channel, show_test
from console.remote.client import Client
from console.remote.named import channel_named

SECONDS = 60.0  # for a test to arrive
WAITING, DELIVERED = "waiting", "delivered"


def run(options: argparse.Namespace, client: Client) -> int:
    """List the channels, or send a test; 0 if it arrived, 1 if it did not, 2 if there is no such channel."""
    if options.test is None:
        print("\n".join(lines_of([_line(channel) for channel in client.rows("channels")])))
        return ARRIVED
    channel = channel_named(client, options.test)
    return no_channel(options.test) if channel is None else _test(client, channel["id"])


def _line(channel: dict[str, object]) -> Line:
    failing = str(channel["words"]) if channel["state"] == "failing" else ""
    name, kind, state, waiting = (str(channel[name]) for name in ("name", "kind_label", "state", "waiting"))
    return Line(name, kind, state, waiting, failing)


def _test(client: Client, channel: int) -> int:
    path = f"channels/messages/{client.post(f'channels/{channel}/test')['id']}"
    message = client.until(path, lambda message: message["state"] != WAITING, SECONDS)
    return show_test(message["answer"] or "It was not tried.", delivered=message["state"] == DELIVERED)
