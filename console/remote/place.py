"""Which instance is asked: ``CRAWLBEAT_URL``, with ``CRAWLBEAT_TOKEN``."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from typing import NamedTuple
from urllib.parse import urlsplit

from embedded.errors import UsageError

URL, TOKEN = "CRAWLBEAT_URL", "CRAWLBEAT_TOKEN"
MCP = "mcp"
COMMANDS = ("alerts", "changes", "explain", "export", MCP, "notify", "recrawl", "seeds", "status", "try")
"""Those that can ask an instance elsewhere."""
INSTEAD = {
    "crawl": "it is a run of this machine, for a file of this machine; there, make a seed (seeds add), fetch "
    "it (recrawl --seed NAME --wait) and export it"
}
"""What to do there instead of a command that makes no sense elsewhere."""


class Place(NamedTuple):
    """Where an instance is, and the token for it."""

    url: str
    token: str


def place_of(url: str, token: str) -> Place | None:
    """The instance that the variables name; None if they name none.

    Raises:
        UsageError: one of them cannot be used.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise UsageError(f"{URL}: {url!r} is no address such as https://crawl.example")
    if not token:
        raise UsageError(f"{TOKEN} is not set: make a token on the site, {url.rstrip('/')}/tokens/")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError(f"{TOKEN} is no token: it has characters that none has")
    return Place(url.rstrip("/"), token)


def check_command(options: argparse.Namespace, place: Place | None) -> None:
    """Raise UsageError for a command that works on a data folder only, or elsewhere only."""
    if options.command == MCP:
        if find_spec(MCP) is None:
            raise UsageError("it needs a library of its own: pip install 'crawlbeat[mcp]'")
        if place is None:
            raise UsageError(f"it speaks for an instance: set {URL} to its address, and {TOKEN}")
    if place is not None and options.command not in COMMANDS:
        why = INSTEAD.get(options.command, "it works on a data folder of this machine")
        raise UsageError(f"{why}. {URL} names {place.url}; unset {URL} to run it here")
