"""Fills the database that the variables name: ``python -m benchmarks.crawls.filling PAGES``.

Every page was fetched once: it has a visit, a version with 300 bytes of text, and a record. Each table is
filled by one statement, which both dialects understand but for random bytes.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from catalog.clock import db_now
from catalog.models import Batch, Host, Run, Seed
from catalog.schema import bring_up_to_date
from crawler.lanes import Lane, rank_of
from embedded.datadir import DataFolder

SITES = 100  # hosts, each with a seed and a run
BATCH = 128  # pages
_PAGES = """
WITH RECURSIVE pages(i, site, fingerprint) AS (
    SELECT {one}, {zero}, {zero}
    UNION ALL
    SELECT i + 1, (i + 1) % {sites}, ((i + 1) * 2654435761) % 2147483648 * 4294967296 + i + 1
    FROM pages WHERE i < {count}
)
"""  # the fingerprints come in no order, as those of URLs do
_URL = "'http://full-' || site || '.example/articles/page-' || i || '.html'"
_FIELDS = '{"headline": "Page", "price": "12.50", "author": "Somebody"}'
_COMMANDS = (
    """
    INSERT INTO catalog_page (id, seed_id, host_id, url, fingerprint, first_stored_at, last_fetched_at,
        last_changed_at, versions, etag, last_modified, digest, text_signature, noise, looks,
        lately, latest_id, gone_answers)
    {pages} SELECT i, {seed} + site, {host} + site, {url}, fingerprint, {now}, {now}, {now}, 1,
        '"4e20-full"', '', {digest}, fingerprint, 0, 1, {none}, i, 0 FROM pages
    """,
    """
    INSERT INTO catalog_snapshot (id, page_id, run_id, batch_id, "offset", length, final_url, status,
        content_type, encoding, size, digest, fetched_at, title, text_zstd, outlinks_zstd)
    {pages} SELECT i, i, {run} + site, {batch} + (i - 1) / {of_batch}, 0, 5000, {url}, 200, 'text/html',
        'utf-8', 20000, {digest}, {now}, 'Page ' || i, {text}, {text} FROM pages
    """,
    """
    INSERT INTO catalog_reading (snapshot_id, rule_set_id, data, keys)
    {pages} SELECT i, 0, '{{"pages": [{fields}]}}', '{{}}' FROM pages
    """,
    """
    INSERT INTO catalog_record (seed_id, collection, key_hash, key, page_id, also_on, position, "values",
        problems, snapshot_id, rule_set_id, first_seen_at, last_seen_at, last_changed_at)
    {pages} SELECT {seed} + site, 'pages', fingerprint, '[]', i, '[]', 0, '{fields}', '{{}}', i, 0, {now},
        {now}, {now} FROM pages
    """,
    """
    INSERT INTO catalog_visit (run_id, host_id, page_id, snapshot_id, kind, url, fingerprint, due_at, depth,
        hops, attempts, state, rank, outcome, status, content_type, location, detail, fetched_at, elapsed_ms,
        text_signature)
    {pages} SELECT {run} + site, {host} + site, i, i, 0, {url}, fingerprint, {now}, 3, 0, 1, 3, 15, 1, 200,
        'text/html', '', '', {now}, 20, fingerprint FROM pages
    """,
)
_DIALECTS = {
    "sqlite": {
        "zero": "0",
        "one": "1",
        "now": "CURRENT_TIMESTAMP",
        "digest": "lower(hex(randomblob(32)))",
        "text": "randomblob(300)",
        "none": "x''",
    },
    "postgresql": {
        "zero": "0::bigint",
        "one": "1::bigint",
        "now": "now()",
        "digest": "md5(i::text) || md5(site::text)",
        "text": "decode(repeat(md5(i::text), 19), 'hex')",
        "none": "''::bytea",
    },
}


def fill(count: int) -> None:
    """Make the tables, and fill them with so many pages."""
    bring_up_to_date()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -1000000")
    with transaction.atomic():
        first = _rows_above(count)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:  # no checks of references: they take most of the time
                cursor.execute("SET LOCAL session_replication_role = replica")
        values = {"sites": SITES, "count": count, "of_batch": BATCH, **first, **_DIALECTS[connection.vendor]}
        values |= {"url": _URL, "fields": _FIELDS, "pages": _PAGES.format(**values)}
        with connection.cursor() as cursor:
            for command in _COMMANDS:
                cursor.execute(command.format(**values).replace("%", "%%"), [])
    _settle()


def _rows_above(count: int) -> dict[str, int]:
    """The seeds, hosts, runs and batches of the pages; the first id of each."""
    now, of_site = db_now(), count // SITES + 1
    seeds = Seed.objects.bulk_create(
        Seed(name=f"full {site}", start_urls=f"http://full-{site}.example/", schedule=Seed.Schedule.MANUAL)
        for site in range(SITES)
    )
    hosts = Host.objects.bulk_create(Host(origin=f"http://full-{site}.example:80") for site in range(SITES))
    runs = Run.objects.bulk_create(
        Run(
            seed=seed, kind=Run.Kind.MANUAL, slot=now - timedelta(hours=1), state=Run.State.FINISHED,
            started_at=now, finished_at=now, discovered=of_site, stored=of_site,
        )
        for seed in seeds
    )  # fmt: skip
    batches = Batch.objects.bulk_create(
        Batch(
            folder=f"full/{number}", lane=Lane.NORMAL, rank=rank_of(Lane.NORMAL, 4), state=Batch.State.STORED,
            visits_count=BATCH, segment_bytes=5000 * BATCH, live_bytes=5000 * BATCH, due_at=now,
        )
        for number in range(count // BATCH + 1)
    )  # fmt: skip
    return {"seed": seeds[0].pk, "host": hosts[0].pk, "run": runs[0].pk, "batch": batches[0].pk}


def _settle() -> None:
    """Let no work of the filling be left to those who are measured."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in ("catalog_page", "catalog_snapshot"):  # the others got their ids from their sequences
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, max(id)) FROM {table}")  # noqa: S608  ours
        cursor.execute("VACUUM (ANALYZE, FREEZE)")
        cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    DataFolder(Path(os.environ["CRAWLBEAT_DATA"])).prepare()
    fill(int(sys.argv[1]))
