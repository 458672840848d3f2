"""``crawlbeat forecast``: how large a crawl would be, after at most 50 polite requests."""

from __future__ import annotations

import argparse
import json
import sys

from django.utils import timezone

from catalog.models import Forecast, Seed
from catalog.schema import bring_up_to_date
from console.checks import no_database
from crawler.forecasting import forecast as made
from crawler.seeds import checks
from djsite.desk.forecasts import asking, words
from embedded.datadir import DataFolder
from embedded.errors import UsageError


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print the forecast. 0: it was made; 1: nothing could be learned of the site."""
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    row = asking.make_here(_asked(options), _tell)
    if options.json:
        print(json.dumps({"address": row.address, "error": row.error, "forecast": row.result}))
    elif result := asking.result_of(row):
        print("\n".join([*lines(result), *([row.note] if row.note else [])]))
    if row.error and not options.json:
        print(f"crawlbeat forecast: {row.error}", file=sys.stderr)
    return 0 if row.result else 1


def lines(result: made.Forecast) -> list[str]:
    """A forecast as it is printed."""
    return [
        words.headline(result),
        f"  a run takes     {words.time_needed(result)}",
        f"  requests a day  {words.asked_a_day(result)}",
        f"  storage         {words.storage(result)}",
        *(f"  {kind.pages:>9,}  {kind.pattern}" for kind in result.kinds),
        *(f"  trap: {words.trap_words(trap)} {trap.example}" for trap in result.traps),
        *(f"  {caution}" for caution in words.cautions(result)),
    ]


def _asked(options: argparse.Namespace) -> Forecast:
    """The forecast of the seed of this name, or of an address."""
    seed = Seed.objects.alive().filter(name=options.what).first()
    if seed is not None and options.allow_network:
        raise UsageError("--allow-network: the seed says which networks may be reached; leave one out")
    if seed is not None:
        return asking.ask_for_seed(seed, None, timezone.now())
    try:
        address = checks.reachable(options.what, options.allow_network)
    except ValueError as error:
        raise UsageError(
            f"SEED|URL: there is no seed {options.what!r}, and as an address: {error}"
        ) from error
    return asking.ask_for_address(address, tuple(options.allow_network), None)


def _tell(row: Forecast) -> None:
    if sys.stderr.isatty():
        print(f"\r{row.requests} of at most 50 requests {row.note:.60}", end="", file=sys.stderr, flush=True)
