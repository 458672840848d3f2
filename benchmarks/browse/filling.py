"""Fills the database and the archive that the variables name: ``python -m benchmarks.browse.filling PAGES``.

The segments are empty files of the right length, but for that of the first version.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.browse.statements import LENGTH
from benchmarks.browse.tables import OF_RUN, SEEDS, Filler, make_old_runs, make_owners, with_paused_run
from catalog.clock import db_now
from catalog.models import (
    Alert,
    Batch,
    Channel,
    KeptView,
    Message,
    Outlet,
    Page,
    Record,
    Seed,
    SeedGroup,
    Shipment,
    Snapshot,
)
from catalog.schema import bring_up_to_date
from crawler.requests.exchange import FetchResult
from embedded.datadir import DataFolder
from pipelines import archive
from pipelines.telling.content import body_of_test


def fill(count: int) -> None:
    """Make the tables, and fill them with so many pages and what belongs to them."""
    bring_up_to_date()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -1000000")
    now = db_now().replace(microsecond=0)
    owners = make_owners([f"site {number}" for number in range(SEEDS)], now)
    make_old_runs(owners, max(0, count // OF_RUN - 2 * len(owners)), now)
    owners[0] = with_paused_run(owners[0], now)
    Filler(owners, now).write(count)
    make_telling()
    make_segments()
    settle()


def make_telling() -> None:
    """A kept list, an alert, a channel, an outlet, what they sent, and a group of seeds, for their pages.

    Those that are there stay as they are.
    """
    KeptView.objects.get_or_create(name="Cheaper", defaults={"query": "direction=down"})
    SeedGroup.objects.get_or_create(name="Shops")
    down = {"condition": Alert.Condition.FIELD_DOWN}
    Alert.objects.get_or_create(name="Cheaper", defaults=down)
    channel, _ = Channel.objects.get_or_create(name="Post", defaults={"kind": "mail", "enabled": False})
    seed = Seed.objects.order_by("pk")[0]
    of_outlet = {"seed": seed, "place": "folder", "format": "csv", "enabled": False}
    outlet, _ = Outlet.objects.get_or_create(name="File", defaults=of_outlet)
    of_shipment = {"cause": Shipment.Cause.HAND, "share": outlet.share}
    Shipment.objects.get_or_create(outlet=outlet, number=1, defaults=of_shipment)
    Message.objects.get_or_create(channel=channel, subject="Test", defaults={"body": body_of_test()})


def make_segments() -> None:
    """A file of the right length for each batch that has none."""
    root = Path(settings.DATA_DIR) / "archive"
    for folder, size in Batch.objects.values_list("folder", "segment_bytes"):
        file = root / folder / archive.SEGMENT
        if not file.exists():
            file.parent.mkdir(parents=True)
            file.touch()
            os.truncate(file, size)
    version = Snapshot.objects.select_related("batch").order_by("pk")[0]
    if version.length == LENGTH:
        _make_real(version)


def _make_real(version: Snapshot) -> None:
    """The segment of a version with a body that can be read."""
    writer = archive.SegmentWriter()
    body = b"<p>An article</p>"
    answer = FetchResult(url=version.final_url, status=200, body=body)
    offset, length = writer.add(answer, version.fetched_at)
    data = writer.bytes().ljust(version.batch.segment_bytes, b"\0")
    archive.write_object(version.batch.folder, archive.SEGMENT, data)
    digest = archive.content_digest(body)
    Snapshot.objects.filter(pk=version.pk).update(offset=offset, length=length, digest=digest)


def settle() -> None:
    """Let no work of the filling be left to those who are measured."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in (Page, Snapshot, Record):  # the others got their keys from their sequences
            name = table._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")  # noqa: S608  ours
        cursor.execute("VACUUM (ANALYZE, FREEZE)")
        cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    DataFolder(Path(os.environ["CRAWLBEAT_DATA"])).prepare()
    fill(int(sys.argv[1]))
