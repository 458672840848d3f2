"""``mcp``: a server of the Model Context Protocol on stdin and stdout, for an instance elsewhere."""

from __future__ import annotations

import argparse

from console.remote.client import Client
from console.remote.tools import server_of


def run(options: argparse.Namespace, client: Client) -> int:
    """Answer until stdin ends."""
    server_of(client).run("stdio")
    return 0
