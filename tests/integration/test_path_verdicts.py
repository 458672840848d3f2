"""An answer that is no page on its way through the path: it fails, and leaves the page as it was."""

from __future__ import annotations

import pytest
import redis

from catalog.models import Page, Snapshot, Visit
from crawler.outcomes import Outcome
from tests.factories import make_web_seed
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]

BLOCKED = (
    "<title>Access Denied</title><h1>Access Denied</h1><p>You don't have permission to access this. "
    "Reference #18.2d351ab8.1767225600.a4e16ab</p>"
)


def test_a_block_page_is_no_version_of_the_page_that_was_stored(valkey: redis.Redis) -> None:
    with FakeWeb(linked_site(pages=3)) as web:
        seed = make_web_seed(web)
        crawl_seed(seed, valkey)
        before = set(Snapshot.objects.values_list("pk", flat=True))
        start = Page.objects.get(url=seed.start_urls)
        web.on("/", Answer(body=BLOCKED))
        run = crawl_seed(seed, valkey)
    visit = Visit.objects.get(run=run, url=seed.start_urls)
    assert (visit.outcome, visit.reason) == (Outcome.FAILED, "block_page")
    assert visit.detail.startswith("The title is “Access Denied” and the text has “reference #18.")
    assert set(Snapshot.objects.values_list("pk", flat=True)) == before
    assert Page.objects.get(pk=start.pk).latest_id == start.latest_id
