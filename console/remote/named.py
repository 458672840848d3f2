"""Rows of an instance elsewhere by the names that people give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.remote.client import Client
from embedded.errors import UsageError


def moment(text: str | None) -> str | None:
    """A time of the API as commands print it."""
    return None if text is None else datetime.fromisoformat(text).isoformat()


def seed_id(client: Client, name: str | None, option: str = "--seed") -> int | None:
    """The number of the seed with a name. Raises UsageError when there is none."""
    if name is None:
        return None
    for seed in client.rows("seeds", {"text": name}):
        if seed["name"] == name:
            return int(seed["id"])
    raise UsageError(f"{option}: there is no seed {name!r}")


def channel_named(client: Client, name: str) -> dict[str, Any] | None:
    """The channel with a name."""
    return next((each for each in client.rows("channels") if each["name"] == name), None)
