"""``crawlbeat try``: one page fetched and read as a crawl would, shown whole; nothing is stored."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from catalog.models import Seed, Snapshot
from catalog.schema import bring_up_to_date
from catalog.sealing import SealingError
from console.checks import no_database, seed_named
from console.options.given import given_collections
from console.trial_lines import print_trial
from crawler.collections import Field, of_fields
from crawler.policy import CrawlPolicy
from crawler.seeds import check
from djsite.desk.trials import here as trials
from embedded.datadir import DataFolder
from embedded.errors import Trouble, UsageError


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print what is seen of each page; 0 when all are pages that a crawl would store, else 1."""
    check_options(options)
    collections = [*of_fields(tuple(map(Field.of, options.field))), *given_collections(options)]
    seed = seed_of(options)
    sender = sender_of(options, seed)
    if not collections:
        collections = list(sender.policy.collections)
    good, before = True, trials.Trial(url="")
    pages = pages_of(options, seed)
    for trial in trials.try_here(pages, sender, collections, details=options.details):
        both = trials.with_details(before, trial) if trial.url == trials.item_of(before) else []
        print_trial(trial, both, as_json=options.json)
        good, before = good and trial.verdict == trials.OK, trial
    return 0 if good else 1


def check_options(options: argparse.Namespace) -> None:
    """Raise UsageError unless the options say which pages, and whence."""
    if not options.urls and options.version is None:
        raise UsageError("name URLs, or a stored version (--version)")
    if options.version is not None and options.urls:
        raise UsageError("--version: is a page by itself; leave it or the URLs out")
    if options.details and (options.stored or options.version is not None):
        raise UsageError("--details: fetches a page of an item; leave it or the stored version out")
    if options.seed is not None and options.allow_network:
        raise UsageError(
            "--allow-network: the seed says which networks may be reached; leave one of them out"
        )
    if options.seed or options.version is not None or options.stored:
        return
    given = {"start_urls": "\n".join(options.urls), "allow_networks": "\n".join(options.allow_network)}
    _, problems = check(given)
    if problems:
        raise UsageError(f"URL: {problems[0].text} Here that is --allow-network.")


def seed_of(options: argparse.Namespace) -> Seed | None:
    """The seed that is named; also looks whether there are tables where they are needed."""
    if options.seed is None and options.version is None and not options.stored:
        return None
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    return seed_named(options.seed) if options.seed is not None else None


def sender_of(options: argparse.Namespace, seed: Seed | None) -> trials.Sender:
    """On whose behalf pages are fetched: the seed's, or this command line's."""
    if seed is None:
        policy = CrawlPolicy(start_urls=tuple(options.urls), allow_networks=tuple(options.allow_network))
        return trials.Sender(policy=policy)
    try:
        return trials.sender_of(seed)
    except SealingError as error:
        raise Trouble(f"the headers of seed {seed.name!r} cannot be opened: {error}") from error


def pages_of(options: argparse.Namespace, seed: Seed | None) -> Sequence[str | Snapshot]:
    """The URLs, or the stored versions."""
    if options.version is not None:
        version = trials.version(options.version)
        if version is None:
            raise UsageError(f"--version: there is no version {options.version}")
        return [version]
    if not options.stored:
        return [str(url) for url in options.urls]
    versions = [(url, trials.stored_version(url, seed)) for url in options.urls]
    for url, version in versions:
        if version is None:
            raise UsageError(f"--stored: no version of {url} is stored")
    return [version for _, version in versions if version is not None]
