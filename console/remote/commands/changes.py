"""``changes`` of an instance elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import msgspec

from console.commands.changes import JSON_LINES, write
from console.output import Output
from console.remote.client import Client, Refused
from console.remote.named import seed_id
from djsite.desk.read.changes import START, Change
from embedded.errors import UsageError


def run(options: argparse.Namespace, client: Client) -> int:
    """Write the changes, and say how many there are and from where to go on."""
    output = Output(options.output, JSON_LINES, "")
    changes = read(client, options.since, seed_id(client, options.seed))
    try:
        first = next(changes, None)  # a wrong cursor is refused before a file is written
    except Refused as refused:
        raise UsageError(f"--since: {refused.detail}") from refused
    return write(output, first, changes, options.since or str(START))


def read(client: Client, since: str, seed: int | None) -> Iterator[Change]:
    """The feed from a cursor to its end."""
    cursor, more = since, True
    while more:
        part = client.get("changes", {"cursor": cursor, "seed": seed, "limit": 500})
        yield from msgspec.convert(part["items"], list[Change])
        cursor, more = part["next_cursor"], part["more"]
