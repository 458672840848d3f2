"""Fixtures of tests with a database: caches emptied with it, and a site with what crawls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from pytest_django import DjangoDbBlocker

from djsite.browse import downloads
from pipelines.fetch import groups, session
from pipelines.frontier.hosts import forget_ids
from pipelines.frontier.seen import SEEN
from scheduler.redis_server import forget_outage
from tests.factories import make_web_seed
from tests.fakeweb import FakeWeb
from tests.harness.migrating import migrate
from tests.harness.path import Crawl, crawl_seed


@pytest.fixture(autouse=True)
def _no_stale_caches() -> Iterator[None]:
    """Ids repeat when tables are emptied: what a process remembers of them must go too."""
    SEEN.clear()
    forget_ids()
    forget_outage()
    yield
    SEEN.clear()
    forget_ids()


@pytest.fixture(scope="session", autouse=True)
def _redis_is_there(valkey_server: object) -> None:
    """What is not about Redis may write to it in passing; those that look at it ask for ``valkey``."""


@pytest.fixture(autouse=True)
def _no_downloads_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts have the same numbers in each test."""
    monkeypatch.setattr(downloads, "_under_way", downloads.UnderWay())


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions in this process wait a tenth of the time, as the time scale has it for all else."""
    scale = settings.TIME_SCALE
    monkeypatch.setattr(groups, "LINGER", {lane: wait * scale for lane, wait in groups.LINGER.items()})
    monkeypatch.setattr(session, "CLAIM_EVERY", session.CLAIM_EVERY * scale)


@pytest.fixture(scope="module")
def up_to_date_afterwards(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests of a module may leave the tables, emptied, as an earlier release had them."""
    yield
    with django_db_blocker.unblock():
        migrate()


@pytest.fixture
def connection_stays() -> Iterator[None]:
    """The application closes the connection after each call, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    """The site that a test crawls."""
    with FakeWeb() as server:
        yield server


@pytest.fixture
def crawl(web: FakeWeb, valkey: redis.Redis) -> Crawl:
    """Crawls a seed with these fields, which begins at the site."""
    return lambda **fields: crawl_seed(make_web_seed(web, **fields), valkey)
