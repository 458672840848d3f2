"""``explain`` by an instance elsewhere."""

from __future__ import annotations

import argparse

import msgspec

from console.commands.explain import show
from console.remote.client import Client, Refused
from console.remote.named import seed_id
from djsite.desk.explain.explanation import Explanation
from embedded.errors import UsageError


def run(options: argparse.Namespace, client: Client) -> int:
    """Print the explanation. 0: it is stored; 1: it is not, or no more; 2: it is no address."""
    wanted = {"url": options.url, "seed": seed_id(client, options.seed)}
    try:
        answer = client.get("explain", wanted)
    except Refused as refused:
        if "url" in refused.fields:
            raise UsageError(refused.detail.removeprefix("url: ")) from refused
        raise
    return show(options, msgspec.convert(answer, Explanation))
