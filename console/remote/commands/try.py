"""``try`` by an instance elsewhere: a worker there asks for the page."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from console.options.given import given_collections
from console.remote.client import Client, Refused
from console.remote.named import seed_id
from console.trial_lines import print_trial
from crawler.collections import Field, of_fields
from djsite.desk.trials.here import OK, Trial
from embedded.errors import Trouble, UsageError

SECONDS = 90.0  # for the answer of a page
NOT_THERE = {
    "details": "the page of an item is tried on a data folder, or in the site",
    "stored": "stored versions are tried on a data folder",
    "version": "stored versions are tried on a data folder",
    "allow_network": "it reaches what a seed may reach: name one (--seed)",
}
"""Options that the call does not have, and what to do instead."""


def run(options: argparse.Namespace, client: Client) -> int:
    """Print what is seen of each page; 0 when all are pages that a crawl would store, else 1."""
    for name, sentence in NOT_THERE.items():
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')}: {sentence}")
    if not options.urls:
        raise UsageError("name URLs")
    collections = [*of_fields(tuple(map(Field.of, options.field))), *given_collections(options)]
    wanted = {
        "seed": seed_id(client, options.seed),
        "collections": [collection.plain() for collection in collections],
    }
    good = True
    for url in options.urls:
        trial = _tried(client, {"url": url, **wanted})
        print_trial(trial, as_json=options.json)
        good = good and trial.verdict == OK
    return 0 if good else 1


def _tried(client: Client, wanted: dict[str, Any]) -> Trial:
    try:
        asked = client.post("try", wanted)
    except Refused as refused:
        if "url" in refused.fields:
            raise UsageError(f"URL: {refused.detail}") from refused
        raise
    answer = client.until(f"try/{asked['key']}", lambda trial: bool(trial["done"]), SECONDS)
    if not answer["done"]:
        raise Trouble(f"no worker of {client.place.url} has tried {wanted['url']} in {SECONDS:.0f} s")
    return msgspec.convert(answer["trial"], Trial)
