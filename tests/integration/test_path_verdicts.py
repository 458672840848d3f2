"""An answer that is no page on its way through the path: it changes no page, and waits for people."""

from __future__ import annotations

import pytest
import redis
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from catalog.models import Page, Run, Snapshot, Visit
from crawler.outcomes import Outcome
from djsite.desk.read.pages import body_of
from tests.factories import log_in, make_web_seed
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.path import crawl_seed, drive, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]

BLOCKED = (
    "<title>Access Denied</title><h1>Access Denied</h1><p>You don't have permission to access this. "
    "Reference #18.2d351ab8.1767225600.a4e16ab</p>"
)
MISSED = (
    "<title>Page not found</title><h1>Page not found</h1><script>alert(1)</script><p>Song of this week: what "
    "you are looking for does not exist.</p>"
)


@pytest.fixture
def operator(client: Client) -> Client:
    log_in(client, "operator")
    return client


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
    assert visit.detail.startswith("The title is “Access Denied” and it has “reference #18.")
    assert set(Snapshot.objects.values_list("pk", flat=True)) == before
    assert Page.objects.get(pk=start.pk).latest_id == start.latest_id
    assert body_of(visit.judged) == BLOCKED.encode()


def test_a_person_overrules_a_verdict_once_and_can_undo_it(valkey: redis.Redis, operator: Client) -> None:
    with FakeWeb() as web:
        web.on("/", Answer(body=MISSED))
        seed = make_web_seed(web)
        run = crawl_seed(seed, valkey)
        visit = Visit.objects.get(run=run)
        assert visit.reason == "soft_404" and not Snapshot.objects.exists()
        shown = operator.get(reverse("visit-answer", args=[visit.pk])).content.decode()
        assert "&lt;h1&gt;Page not found&lt;/h1&gt;&lt;script&gt;" in shown and "<script>alert" not in shown
        assert reverse("visit-answer", args=[visit.pk]) in operator.get(_run_page(run)).content.decode()

        operator.post(reverse("visit-overrule", args=[visit.pk]), {"place": "page"})
        seed.refresh_from_db()
        assert seed.accept == f"soft_404 {visit.url}"
        drive(Run.objects.get(kind=Run.Kind.RECRAWL), valkey)
        assert Snapshot.objects.count() == 1
        web.on("/", Answer(body=MISSED.replace("week", "month")))
        crawl_seed(seed, valkey)
        assert Snapshot.objects.count() == 2  # nobody is asked a second time

        page = reverse("page", args=[Page.objects.get().pk])
        shown = operator.get(page).content.decode()
        assert f"Overruled: <code>{seed.accept}</code>" in shown and "by operator-" in shown
        assert reverse("visit-answer", args=[visit.pk]) in shown
        line = {"line": seed.accept, "page": Page.objects.get().pk}
        assert operator.post(reverse("seed-verdict-back", args=[seed.pk]), line).url == page
        seed.refresh_from_db()
        assert seed.accept == ""
        web.on("/", Answer(body=MISSED.replace("week", "year")))
        assert outcomes(crawl_seed(seed, valkey))[visit.url] == ("failed", "soft_404")
        assert Snapshot.objects.count() == 2
    notes = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert notes == [
        f"Verdict is overruled: soft_404 {visit.url}",
        f"Verdict counts again: soft_404 {visit.url}",
    ]


def _run_page(run: Run) -> str:
    return reverse("run", args=[run.pk])
