"""Our sites with known records, crawled through the real path: what is stored is the truth, over time too.

Records are rows with seed, collection, key (a list), values, page, also_on and gone_at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pytest
import redis
from django.utils import timezone

from catalog.models import Page, Record, RecordVersion, Seed
from crawler.reading.verdicts import VERDICTS
from pipelines.changes.gone import compare_run
from pipelines.quality.measure import measure_run
from tests.factories import make_web_seed
from tests.fakeweb import FakeWeb
from tests.fakeweb.sites import DESIGNS, SITES, FactSite
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]

Known = dict[tuple[str, tuple[str, ...]], dict[str, Any]]


@pytest.fixture(params=list(SITES))
def site(request: pytest.FixtureRequest) -> FactSite[Any]:
    return SITES[request.param](size=20)


@pytest.fixture
def web(site: FactSite[Any]) -> Iterator[FakeWeb]:
    with FakeWeb(site) as server:
        site.base = server.url
        yield server


def seed_of(web: FakeWeb, site: FactSite[Any], **values: Any) -> Seed:
    """A seed with the right rules of the site's design; the lists' next pages come from these rules."""
    defaults = {
        "start_urls": f"{web.url}/\n{web.url}/list?page=1\n{web.url}/picks",
        "fields": [],
        "collections": site.collections(site.design),
    }
    return make_web_seed(web, **(defaults | values))


def crawl(seed: Seed, valkey: redis.Redis) -> None:
    """A run, and what is concluded from it when it is over."""
    run = crawl_seed(seed, valkey)
    measure_run(run.pk, timezone.now())
    compare_run(run.pk, timezone.now())


def truth(site: FactSite[Any]) -> Known:
    """The records that there are now."""
    return {
        (record.collection, record.key): record.values
        for path in site.paths(site.revision)
        for record in site.expected(path, site.revision, site.design)
    }


def stored(seed: Seed, **where: Any) -> Known:
    """The records of the database that are not gone."""
    return {
        (record.collection, tuple(record.key)): {
            name: value for name, value in record.values.items() if value not in (None, [])
        }
        for record in Record.objects.filter(seed=seed, gone_at=None, **where)
    }


class Times(NamedTuple):
    """When a record was first seen, and when its values last changed."""

    first_seen: datetime
    changed: datetime


def times(seed: Seed) -> dict[tuple[str, tuple[str, ...]], Times]:
    """Of all records that were ever seen."""
    return {
        (record.collection, tuple(record.key)): Times(record.first_seen_at, record.last_changed_at)
        for record in Record.objects.filter(seed=seed)
    }


def without_empty(known: Known) -> Known:
    return {
        at: {name: value for name, value in values.items() if value not in (None, [])}
        for at, values in known.items()
    }


def test_a_record_on_two_pages_is_one_and_names_both(
    site: FactSite[Any], web: FakeWeb, valkey: redis.Redis
) -> None:
    seed = seed_of(web, site)
    crawl(seed, valkey)
    picks = Page.objects.get(url=f"{web.url}/picks").pk
    rows = {(row.collection, tuple(row.key)): row for row in Record.objects.filter(seed=seed)}
    for record in site.expected("/picks", 0, "a"):
        row = rows[record.collection, record.key]
        assert picks == row.page_id or picks in row.also_on


@pytest.mark.parametrize("design", DESIGNS)
def test_the_records_are_the_truth_and_the_next_revision_changes_removes_and_adds_what_it_does(
    site: FactSite[Any], web: FakeWeb, valkey: redis.Redis, design: str
) -> None:
    site.design = design
    seed = seed_of(web, site)
    crawl(seed, valkey)
    before, times_before = truth(site), times(seed)
    assert stored(seed) == without_empty(before)
    assert before.keys() == times_before.keys()
    site.revision = 1
    crawl(seed, valkey)
    crawl(seed, valkey)  # one answer 404 or 410 is not enough
    after, times_after = truth(site), times(seed)
    assert stored(seed) == without_empty(after)
    gone = {(record.collection, tuple(record.key)) for record in Record.objects.exclude(gone_at=None)}
    assert gone == before.keys() - after.keys()
    kept = before.keys() & after.keys()
    differing = {at for at in kept if before[at] != after[at]}
    assert all(times_after[at].first_seen == times_before[at].first_seen for at in kept)
    assert {at for at in kept if times_after[at].changed != times_before[at].changed} == differing
    assert _earlier_values() == without_empty({at: before[at] for at in differing})
    latest = max(each.first_seen for each in times_before.values())
    assert all(times_after[at].first_seen > latest for at in after.keys() - before.keys())


def _earlier_values() -> Known:
    """Of each record the first; a second has what was held until the run had ended."""
    versions = RecordVersion.objects.select_related("record").order_by("-pk")
    return without_empty(
        {(version.record.collection, tuple(version.record.key)): version.values for version in versions}
    )


@pytest.mark.parametrize("kind", VERDICTS)
@pytest.mark.parametrize("site", ["shop"], indirect=True)
def test_answers_that_deserve_a_verdict_change_no_record(
    site: FactSite[Any], web: FakeWeb, valkey: redis.Redis, kind: str
) -> None:
    seed = seed_of(web, site)
    crawl(seed, valkey)
    before = stored(seed)
    site.verdict, site.revision = kind, 1
    for _ in range(2):  # what two answers of 404 would do, no verdict does
        crawl(seed, valkey)
    assert stored(seed) == before
    assert not RecordVersion.objects.exists()
