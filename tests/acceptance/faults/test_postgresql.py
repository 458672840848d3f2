"""PostgreSQL that restarts, crashes and is away for a while, below a whole ``up`` in mid-crawl."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.faults.scene import IN_HAND, asked, repeated
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.embedded import Embedded
from tests.harness.servers import Postgres
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(300)
PAGES = 200
OUTAGE = 6.0  # seconds: 60 in earnest
CRAWL = """
from django.utils import timezone
from catalog.models import Run, Seed
from pipelines.runs import create_run
from scheduler import dispatch
seed = Seed.objects.create(name="site", start_urls={url!r}, schedule="manual", delay=0, per_host=4,
    allow_networks="127.0.0.0/8")
dispatch.open_run(create_run(seed, Run.Kind.COMMAND, timezone.now(), timezone.now()))
"""
VERDICT = """
SELECT state, discovered = stored + skipped, stored,
    (SELECT count(DISTINCT page_id) FROM catalog_snapshot),
    (SELECT count(*) FROM catalog_batch WHERE state <> 'stored'),
    (SELECT count(*) FROM catalog_host WHERE lease_owner <> '')
FROM catalog_run
"""


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="cb-"))  # a short path: it holds a unix socket
    server = Postgres(folder, durable=True)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own(tmp_path: Path, postgres: Postgres) -> Iterator[Embedded]:
    own = Embedded(tmp_path)
    own.environment["DATABASE_URL"] = postgres.url
    yield own
    own.end()


def test_a_crawl_outlives_restart_crash_and_outage_of_postgresql(own: Embedded, postgres: Postgres) -> None:
    own.up()
    with FakeWeb(linked_site(pages=PAGES), latency=0.04) as web:
        own.shell(CRAWL.format(url=f"{web.url}/"))
        for pages, signum, seconds in (
            (30, signal.SIGINT, 0.0),
            (70, signal.SIGQUIT, 0.0),
            (110, signal.SIGINT, OUTAGE),
        ):
            asked(web, pages)
            postgres.stop(signum)
            time.sleep(seconds)
            postgres.start()
        with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:

            def verdict() -> tuple[object, ...]:
                return connection.execute(VERDICT).fetchone() or ()

            end = ("finished", True, PAGES, PAGES, 0, 0)
            wait_until(lambda: verdict() == end, 90, what=f"the run ends as {end}", every=0.2)
        assert repeated(web) <= 3 * IN_HAND
