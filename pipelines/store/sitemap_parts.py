"""Sitemaps list up to 50,000 URLs: most are admitted ahead, so that no transaction is long.

Each part is a transaction of its own before the batch's. After an interruption all parts are admitted again:
URLs that are admitted already are known by their keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.db import transaction

from catalog.models import Batch, Visit
from crawler.lanes import Lane
from crawler.outlinks import Outlink, VisitKind
from pipelines.handover import Fetched, Links, Parsed
from pipelines.store.runs import lock_runs, settle

PART = 1000  # URLs a transaction admits


def admit_ahead(
    batch: Batch, fetched: Iterable[Fetched], parsed: dict[int, Parsed], now: datetime
) -> list[tuple[Lane, set[int]]]:
    """Admit all but the last part of long lists, and take what was admitted out of ``parsed``.

    Returns the hosts with new work.
    """
    work: list[tuple[Lane, set[int]]] = []
    for visit in fetched:
        sitemap = parsed.get(visit.visit_id)
        if sitemap is None or visit.kind != VisitKind.SITEMAP:
            continue
        if len(sitemap.outlinks.fingerprints) <= PART:
            continue
        links = sitemap.outlinks.unpack()
        while len(links) > PART:
            work += _admit(batch, visit, links[:PART], now).items()
            links = links[PART:]
        parsed[visit.visit_id] = msgspec.structs.replace(sitemap, outlinks=Links.of(links))
    return work


@transaction.atomic
def _admit(batch: Batch, fetched: Fetched, links: tuple[Outlink, ...], now: datetime) -> dict[Lane, set[int]]:
    batch_run = lock_runs([fetched.run_id]).get(fetched.run_id)
    visit = Visit.objects.filter(pk=fetched.visit_id, batch=batch, state=Visit.State.FETCHED)
    if batch_run is None or not visit.exists():
        return {}
    batch_run.follow(fetched, links)
    return settle([batch_run], now)
