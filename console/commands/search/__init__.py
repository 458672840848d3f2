"""``crawlbeat search``: pages with some words in their title or text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone

from catalog.schema import bring_up_to_date
from console.checks import no_database, seed_named
from crawler.requests.exchange import one_line
from djsite.desk.search.searching import Asked, Hit, Piece, progress, read_conditions, search
from djsite.desk.search.words import count_words, progress_words
from embedded.datadir import DataFolder
from embedded.errors import UsageError


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Print the pages, the best first. 0: some were found; 1: none."""
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    now = timezone.now()
    asked = _asked(options, now)
    try:
        hits = search(asked, now, size=options.most)
    except ValueError as error:
        raise UsageError(f"--changed-since: {error}") from error
    for hit in hits.rows:
        print(msgspec.json.encode(_plain(hit)).decode() if options.json else _words(hit))
    for sentence in filter(None, (count_words(hits), progress_words(progress()))):
        print(sentence, file=sys.stderr)
    return 0 if hits.rows else 1


def _asked(options: argparse.Namespace, now: datetime) -> Asked:
    try:
        conditions = read_conditions(options.where, now)
    except ValueError as error:
        raise UsageError(f"--where: {error}") from error
    return Asked(
        " ".join(options.words),
        seed=seed_named(options.seed).pk if options.seed is not None else None,
        tag=options.tag,
        host=options.host,
        changed_since=options.changed_since,
        there=options.there,
        conditions=conditions,
    )


def _words(hit: Hit) -> str:
    """Some lines, of which the last is empty."""
    page = hit.page
    gone = ", gone" if page.gone_at else ""
    seen = f"{page.seed.name}, seen {page.last_fetched_at:%Y-%m-%d %H:%M} UTC{gone}"
    lines = [
        one_line(_text(hit.title)),
        f"  {page.url}",
        f"  {one_line(_text(hit.snippet))}",
        f"  {seen}",
        "",
    ]
    return "\n".join(line for line in lines if line.strip() or not line)


def _text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _plain(hit: Hit) -> dict[str, Any]:
    page = hit.page
    return {
        "url": page.url,
        "title": _text(hit.title),
        "snippet": _text(hit.snippet),
        "seed": page.seed.name,
        "last_fetched_at": page.last_fetched_at,
        "gone_at": page.gone_at,
    }
