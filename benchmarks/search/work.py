"""The work of the search bench: ``python -m benchmarks.search.work PAGES RESULT.json``.

Texts have words as languages do: the n-th most frequent is a part of 1/n of all (Zipf), of 50,000; a page has
some 400 of them (log-normal). Each search is of other words, so that nothing is measured twice from a cache.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from django.db import connection, transaction

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.kit.query_cost import Cost, measured
from catalog.clock import db_now
from catalog.models import Batch, ChangeSet, Chore, Host, Page, Seed, Snapshot
from catalog.packing import pack_text
from catalog.schema import bring_up_to_date
from pipelines.changes.numbering import number_sets
from pipelines.data.record_list import RecordList
from pipelines.search import indexing
from pipelines.search.lookup import PageSearch, look_up

VOCABULARY = 50_000
SEEDS, HOSTS, OF_SET = 20, 200, 128
SEARCHES = 40  # of each kind
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
_SIZE_SQLITE = (
    "SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'catalog_search*' OR name = 'catalog_indexedpage'"
)


class Language:
    """Words, the most frequent first, and texts of them."""

    def __init__(self) -> None:
        self._dice = random.Random(0)
        size = len(_SYLLABLES)
        self.words = [
            _SYLLABLES[at % size] + _SYLLABLES[at // size % size] + _SYLLABLES[at // size**2]
            for at in range(VOCABULARY)
        ]
        self._weights = list(accumulate(1 / at for at in range(1, VOCABULARY + 1)))

    def text(self, length: int) -> list[str]:
        return self._dice.choices(self.words, cum_weights=self._weights, k=length)

    def length(self) -> int:
        return max(20, int(self._dice.lognormvariate(5.8, 0.6)))


def main(pages: int, result: Path) -> None:
    """Do everything once and write the figures."""
    bring_up_to_date()
    language = Language()
    words = _fill(pages, language)
    used = time.process_time()
    seconds, slowest = _index()
    used = time.process_time() - used
    assert Chore.objects.get(name=indexing.CHORE).result["pages"] == pages
    figures: dict[str, Any] = {
        "indexed": pages / seconds,
        "index_cpu": used / pages * 1000,
        "slowest": slowest * 1000,
        "words": words / pages,
        "bytes": _size() / pages,
    }
    _costs([PageSearch(language.words[0])])
    gc.collect()
    gc.freeze()  # the tables that this process made are no part of a search
    figures["load"] = [os.getloadavg()[0]]
    figures["searches"] = {name: _costs(asked) for name, asked in _searches(language).items()}
    figures["load"].append(os.getloadavg()[0])
    result.write_text(json.dumps(figures))


def _fill(count: int, language: Language) -> int:
    """Pages with a version each; how many words they have."""
    now = db_now()
    seeds = [_seed(number) for number in range(SEEDS)]
    hosts = Host.objects.bulk_create(Host(origin=f"http://host-{at}.example:80") for at in range(HOSTS))
    words = 0
    for first in range(0, count, OF_SET):
        with transaction.atomic():
            numbers = range(first, min(count, first + OF_SET))
            words += _fill_set(numbers, language, (seeds, hosts, now - timedelta(hours=1)))
    number_sets()
    return words


def _seed(number: int) -> Seed:
    name = f"bench {number}"
    return Seed.objects.create(name=name, start_urls="http://host-0.example/", schedule=Seed.Schedule.MANUAL)


def _fill_set(numbers: range, language: Language, owners: tuple) -> int:  # type: ignore[type-arg]
    seeds, hosts, at = owners
    changes = ChangeSet.objects.create()
    batch = Batch.objects.create(folder=f"bench/{numbers[0]}", lane=1, rank=15, visits_count=1, due_at=at)
    pages = Page.objects.bulk_create(
        Page(
            seed=seeds[number % SEEDS],
            host=hosts[number % HOSTS],
            url=f"http://host-{number % HOSTS}.example/{number}",
            fingerprint=number,
            first_stored_at=at,
            last_fetched_at=at,
            last_changed_at=at,
            digest="x",
            changed_in=changes,
            new_in=changes,
        )
        for number in numbers
    )
    texts = [language.text(language.length()) for _ in pages]
    versions = Snapshot.objects.bulk_create(
        Snapshot(
            page=page,
            batch=batch,
            offset=0,
            length=1,
            final_url=page.url,
            status=200,
            size=1,
            digest="x",
            title=" ".join(text[:6]),
            text_zstd=pack_text(" ".join(text)),
        )
        for page, text in zip(pages, texts, strict=True)
    )
    for page, version in zip(pages, versions, strict=True):
        page.latest = version
    Page.objects.bulk_update(pages, ["latest"])
    return sum(map(len, texts))


def _index() -> tuple[float, float]:
    """Seconds until all is indexed, and of the longest slice's transactions on average."""
    token, began, slowest = "", time.perf_counter(), 0.0
    write = indexing._index_some

    def timed(*args: object) -> bool:
        nonlocal slowest
        at = time.perf_counter()
        more = write(*args)  # type: ignore[arg-type]
        slowest = max(slowest, time.perf_counter() - at)
        return more

    indexing._index_some = timed  # type: ignore[assignment]
    while token := indexing.index_in_turn(db_now(), lambda: False, token):
        pass
    return time.perf_counter() - began, slowest


def _size() -> int:
    """Bytes of the index with all that belongs to it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE catalog_indexedpage")
            cursor.execute("SELECT pg_total_relation_size('catalog_indexedpage')")
        else:
            cursor.execute(_SIZE_SQLITE)
        return int(cursor.fetchone()[0])


def _searches(language: Language) -> dict[str, Iterator[PageSearch]]:
    words, numbers = language.words, range(SEARCHES)
    since = db_now() - timedelta(days=1)
    of_records = RecordList.of_query("price.lt=20", db_now())[0]
    return {
        "a word of every second page": (PageSearch(words[20 + at]) for at in numbers),
        "a rare word": (PageSearch(words[5_000 + at]) for at in numbers),
        "two words": (PageSearch(f"{words[30 + at]} {words[300 + at]}") for at in numbers),
        "a phrase": (PageSearch(f'"{words[10 + at]} {words[40 + at]}"') for at in numbers),
        "the beginning of words": (PageSearch(f"{words[20 + at][:3]}*") for at in numbers),
        "without a word": (PageSearch(f"{words[20 + at]} -{words[3 + at]}") for at in numbers),
        "of a seed": (PageSearch(words[20 + at], seeds=[1 + at % SEEDS]) for at in numbers),
        "changed since": (PageSearch(words[20 + at], changed_since=since) for at in numbers),
        "changed later than all": (PageSearch(words[20 + at], changed_since=db_now()) for at in numbers),
        "with a value that no page has": (PageSearch(words[20 + at], records=of_records) for at in numbers),
    }


def _costs(asked: Iterable[PageSearch]) -> list[Cost]:
    """Of each search; the parts that a first one loads are there."""
    return [measured(lambda: look_up(search, db_now()))[0] for search in asked]  # noqa: B023  called at once


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
