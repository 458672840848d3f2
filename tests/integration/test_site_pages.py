"""What the pages say, in a number of queries that does not grow with the rows."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Page, Run, Seed, Snapshot
from catalog.packing import Saw, add_look
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from tests import factories
from tests.factories import Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
NOT_FOUND = (Outcome.FAILED, "http_404", 404)
SESSION = 5  # session, user, the two queries of the permissions, and whether everything is paused


def failed(number: int) -> list[Got]:
    """So many linked pages that are gone."""
    return [Got(f"http://shop.example/gone/{n}", *NOT_FOUND, depth=1) for n in range(number)]


@pytest.fixture
def viewer(client: Client) -> Client:
    factories.log_in(client, "viewer")
    return client


def text(client: Client, url: str, **query) -> str:
    """A page as its reader sees it, more or less."""
    response = client.get(url, query)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def test_an_empty_site_says_what_to_do(viewer: Client):
    assert "Nothing is crawled here yet" in text(viewer, "/")
    for name in ("seeds", "runs", "pages", "hosts", "records", "exports"):
        assert "empty" in text(viewer, reverse(name)), name


def test_the_dashboard_shows_what_runs_what_is_due_and_what_failed(viewer: Client):
    now = timezone.now()
    factories.shop(now, rounds=2)
    docs = factories.make_seed("Handbook", next_slot=now + timedelta(minutes=5), lane=Lane.BULK)
    run = factories.crawl(
        docs, [Got(f"http://docs.example/{n}") for n in range(3)], at=now, state="open", waiting=4
    )
    page = text(viewer, "/")
    assert reverse("run", args=[run.pk]) in page
    assert "<b>3</b> of 7 found" in page
    assert "in 4 min" in page or "in 5 min" in page
    assert 'id="attention"' not in page  # two linked pages of sixteen are no alarm
    live = text(viewer, reverse("dashboard-live"))
    assert "<b>3</b> of 7 found" in live
    assert "<html" not in live


def test_the_dashboard_sums_up_the_last_day(viewer: Client):
    now = timezone.now()
    seed = factories.shop(now, rounds=1)
    old = factories.make_run(seed, at=now - timedelta(hours=30))
    Run.objects.filter(pk=old.pk).update(discovered=500, stored=500)
    page = text(viewer, "/")
    assert '<b class="num">12</b> stored' in page
    assert '<b class="num">2</b> failed' in page


def attention(client: Client) -> str:
    return text(client, reverse("dashboard-health"))


def test_a_missed_slot_needs_attention(viewer: Client):
    seed = factories.make_seed("Herald")
    factories.make_run(seed, "missed", reason="downtime")
    assert "did not run when it was due" in attention(viewer)
    factories.make_run(seed, "skipped", at=factories.NOW + timedelta(hours=1), reason="overlap")
    assert "did not run when it was due" in attention(viewer)  # a skipped slot proves nothing
    factories.make_run(seed, at=factories.NOW + timedelta(hours=2))
    assert "did not run when it was due" not in attention(viewer)


@pytest.mark.parametrize(
    ("got", "said"),
    [
        ([Got("http://shop.example/"), Got("http://shop.example/old", *NOT_FOUND, depth=1)], ""),
        ([Got("http://shop.example/"), Got("http://shop.example/b", *NOT_FOUND)], "1 of 2 failed"),
        ([Got("http://shop.example/", *NOT_FOUND)], "1 of 1 failed: the server answered 404"),
        ([Got(f"http://shop.example/{n}", depth=1) for n in range(99)] + failed(9), ""),
        ([Got(f"http://shop.example/{n}", depth=1) for n in range(90)] + failed(10), "10 of 100 failed"),
        ([Got(f"http://shop.example/{n}", depth=1) for n in range(91)] + failed(10), ""),
    ],
)
def test_failures_need_attention_when_they_say_something(viewer: Client, got: list[Got], said: str):
    """A start URL, nothing at all, or a tenth: links that are broken here and there say nothing."""
    factories.crawl(factories.make_seed("Herald"), got)
    told = attention(viewer)
    assert ("Herald" in told) == bool(said)
    assert said in told


def test_only_the_last_run_of_a_seed_needs_attention_and_no_recrawl(viewer: Client):
    seed, bad = factories.make_seed("Herald"), Got("http://shop.example/", *NOT_FOUND)
    factories.crawl(seed, [bad])
    factories.crawl(seed, [bad], at=factories.NOW + timedelta(hours=1), kind=Run.Kind.RECRAWL)
    assert attention(viewer).count("Herald") == 1
    factories.crawl(seed, [Got("http://shop.example/")], at=factories.NOW + timedelta(hours=2))
    assert "Herald" not in attention(viewer)
    at = factories.NOW + timedelta(hours=3)
    factories.make_run(seed, at=at, reason="bad_url")
    assert "got nothing: not a usable web address" in attention(viewer)


def test_crawls_of_the_command_line_have_a_tab_of_their_own(viewer: Client):
    factories.make_seed("Herald")
    assert "One-off" not in text(viewer, reverse("seeds"))
    factories.make_seed("http://shop.example/ (command 5987623e)", origin=Seed.Origin.COMMAND)
    page = text(viewer, reverse("seeds"))
    assert "Herald" in page and "5987623e" not in page
    page = text(viewer, reverse("seeds"), origin="command")
    assert "5987623e" in page and "Herald" not in page
    assert '<input type="hidden" name="origin" value="command"' in page  # filters stay in the tab


def test_a_limit_that_turned_nothing_away_is_not_shown(viewer: Client):
    run = factories.make_run(factories.make_seed())
    Run.objects.filter(pk=run.pk).update(limits={"same_text": 0})
    assert "Limits that acted" not in text(viewer, reverse("run", args=[run.pk]))
    Run.objects.filter(pk=run.pk).update(limits={"same_text": 1})
    assert "1 link turned away" in text(viewer, reverse("run", args=[run.pk]))


def test_a_schedule_that_is_off_is_called_so(viewer: Client):
    seed = factories.make_seed("Herald", schedule="manual", enabled=False)
    for url in (reverse("seeds"), reverse("seed", args=[seed.pk])):
        page = text(viewer, url)
        assert ">off</span>" in page and "paused" not in page, url


def test_queries_of_the_dashboard_do_not_grow(viewer: Client, django_assert_max_num_queries):
    for number in range(12):
        seed = factories.make_seed(start_urls=f"http://s{number}.example/")
        factories.crawl(
            seed, [Got(f"http://s{number}.example/", Outcome.FAILED, "http_404", 404)], state="open"
        )
    with django_assert_max_num_queries(SESSION + 4):
        viewer.get(reverse("dashboard-live"))
    with django_assert_max_num_queries(
        SESSION + 4 + 1 + 1 + 15 + 4 + 2 + 1 + 5
    ):  # what changed, channels, promises, outlets, search
        viewer.get("/")


def test_seeds_with_their_last_runs_in_five_queries(viewer: Client, django_assert_max_num_queries):
    for number in range(30):
        seed = factories.make_seed(f"Seed of shop {number:02}")
        for back in range(15):
            factories.make_run(seed, at=factories.NOW - timedelta(hours=15 - back))
    with django_assert_max_num_queries(SESSION + 5):  # one for the tags, one for the tab of one-offs
        page = text(viewer, reverse("seeds"))
    assert page.count('class="strip"') == 30
    assert page.count('class="good"') == 30 * 12
    assert "every hour" in page


def test_seeds_are_filtered_and_deleted_ones_gone(viewer: Client):
    factories.make_seed("Alpha")
    factories.make_seed("Beta", enabled=False)
    factories.make_seed("Gone", deleted_at=factories.NOW)
    page = text(viewer, reverse("seeds"))
    assert "Alpha" in page and "Beta" in page and "Gone" not in page
    assert "Beta" not in text(viewer, reverse("seeds"), state="on")
    assert "Alpha" not in text(viewer, reverse("seeds"), state="off")
    assert "Alpha" not in text(viewer, reverse("seeds"), text="bet")
    assert "Alpha" in text(viewer, reverse("seeds"), state="nonsense")


def test_a_seed_shows_its_schedule_in_its_own_zone(viewer: Client, django_assert_max_num_queries):
    seed = factories.make_seed(
        "Herald",
        schedule="cron",
        cron="0 8 * * 1-5",
        time_zone="Asia/Tokyo",
        headers="Authorization: secret-token",
    )
    for back in range(10):
        factories.crawl(seed, [Got("http://shop.example/")], at=factories.NOW - timedelta(hours=back))
    with django_assert_max_num_queries(
        SESSION + 6 + 2 + 3 + 1 + 2
    ):  # what changed, holds, who changed it, how big
        page = text(viewer, reverse("seed", args=[seed.pk]))
    assert "08:00" in page and "weekdays" in page and "Asia/Tokyo" in page
    assert page.count("08:00") >= 5  # the next five due times
    assert "Authorization" in page
    assert "secret-token" not in page


def test_a_run_reconciles_visibly(viewer: Client, django_assert_max_num_queries):
    factories.shop(rounds=1)
    run = Run.objects.get()
    Run.objects.update(
        out_of_scope=7, out_of_scope_sample=["http://other.example/x"], limits={"max_pages": 3}
    )
    # the run before, also one that got nothing, three kinds of changes, and the hosts by themselves
    with django_assert_max_num_queries(SESSION + 6 + 6):
        page = text(viewer, reverse("run", args=[run.pk]))
    for said in (
        ">16<",
        'data-sign="=">12',
        'data-sign="+">2',
        "the server answered 500",
        "http://other.example/x",
    ):
        assert said in page, said
    assert "robots.txt forbids it" in page
    assert "3 links turned away" in page


def test_visits_are_filtered_by_outcome_and_reason(viewer: Client):
    factories.shop(rounds=1)
    url = reverse("run", args=[Run.objects.get().pk])
    assert "http://shop.example/broken" in text(viewer, url)  # failures come first
    assert "http://shop.example/p/3" in text(viewer, url, outcome="stored")
    skipped = text(viewer, url, outcome="skipped")
    assert "/private" in skipped and "/p/3" not in skipped
    one = text(viewer, url, outcome="failed", reason="timeout")
    assert "/slow" in one and "/broken" not in one
    assert "→ http://shop.example/p/1" in text(viewer, url, outcome="redirected")


def test_a_live_run_moves_and_then_loads_anew(viewer: Client):
    seed = factories.make_seed()
    run = factories.crawl(seed, [Got("http://shop.example/")], state="open", waiting=2)
    page = text(viewer, reverse("run", args=[run.pk]))
    assert 'hx-trigger="every 2s"' in page
    assert "http://shop.example/waiting/1" in text(viewer, reverse("run", args=[run.pk]), outcome="waiting")
    live = viewer.get(reverse("run-live", args=[run.pk]), {"state": "open"})
    assert "HX-Refresh" not in live
    assert '<span class="num" id="tab-waiting" hx-swap-oob="true">2</span>' in live.content.decode()
    assert 'id="tab-waiting">2<' in page
    assert "hx-swap-oob" not in page
    Run.objects.update(state="finished")
    assert viewer.get(reverse("run-live", args=[run.pk]), {"state": "open"})["HX-Refresh"] == "true"
    assert 'hx-trigger="every 2s"' not in text(viewer, reverse("run", args=[run.pk]))


def test_the_list_of_runs_is_filtered(viewer: Client, django_assert_max_num_queries):
    one, two = factories.make_seed("One"), factories.make_seed("Two")
    for back in range(20):
        factories.make_run(one, at=factories.NOW - timedelta(hours=back))
    factories.make_run(two, "skipped", reason="overlap")
    with django_assert_max_num_queries(SESSION + 2):
        text(viewer, reverse("runs"))
    page = text(viewer, reverse("runs"), state="skipped")
    assert page.count('class="state') == 1
    assert "earlier run was still going" in page
    assert text(viewer, reverse("runs"), seed=one.pk).count('class="main"') == 20


def test_pages_are_filtered_by_what_happened(viewer: Client):
    now = timezone.now()
    seed = factories.make_seed()
    for back, titles in ((50, ["Old", "Kept"]), (2, ["New"])):
        got = [Got(f"http://shop.example/{title}", title=f"{title} title") for title in titles]
        factories.crawl(seed, got, at=now - timedelta(hours=back))
    factories.crawl(seed, [Got("http://shop.example/Kept", Outcome.UNCHANGED, status=304)], at=now)
    factories.crawl(
        seed, [Got("http://shop.example/Old", title="Old title, edited")], at=now - timedelta(hours=30)
    )

    def shown(**query) -> set[str]:
        page = text(viewer, reverse("pages"), **query)
        return {name for name in ("Old", "Kept", "New") if f"http://shop.example/{name}" in page}

    assert shown() == {"Old", "Kept", "New"}
    assert shown(happened="new", since=24) == {"New"}
    assert shown(happened="changed") == {"Old"}
    assert shown(happened="changed", since=24) == set()
    assert shown(happened="unchanged", since=1) == {"Kept"}
    assert shown(happened="unseen", since=24) == {"Old"}
    assert shown(since=24) == {"Kept", "New"}
    assert shown(text="EDITED") == {"Old"}
    assert shown(text="shop.example/kep") == {"Kept"}
    assert shown(seed=factories.make_seed().pk) == set()
    assert shown(seed=987654) == {"Old", "Kept", "New"}  # no such seed: as good as none
    order = text(viewer, reverse("pages"), sort="last_changed_at")
    assert order.index("/Kept") < order.index("/Old") < order.index("/New")


def test_queries_of_the_lists_do_not_grow(viewer: Client, django_assert_max_num_queries):
    seed = factories.shop(rounds=3, products=60)
    with django_assert_max_num_queries(SESSION + 2):
        text(viewer, reverse("pages"))
    with django_assert_max_num_queries(SESSION + 7):  # two for the names of its one collection
        text(viewer, reverse("records"), seed=seed.pk)


def test_lists_of_pages_and_versions_never_read_a_text(viewer: Client, django_assert_max_num_queries):
    factories.shop(rounds=4)
    page = Page.objects.get(url__endswith="/p/0")
    with django_assert_max_num_queries(2 * SESSION + 2 + 7) as seen:
        text(viewer, reverse("pages"))
        text(viewer, reverse("page", args=[page.pk]))
    assert not [query for query in seen.captured_queries if "text_zstd" in query["sql"]]


def test_a_page_shows_what_changed_between_its_versions(viewer: Client):
    factories.shop(rounds=7)
    page = Page.objects.get(url__endswith="/p/0")
    assert page.versions == 3
    shown = text(viewer, reverse("page", args=[page.pk]))
    assert "<del>10.00 EUR</del>11.50 EUR" in shown
    assert "<del>11.50 EUR</del>13.00 EUR" in shown
    assert shown.count("1 field changed") == 2
    assert "first version" in shown
    assert shown.count(">unchanged<") == 4


def test_the_last_version_of_a_slice_is_compared_beyond_it(viewer: Client, monkeypatch):
    monkeypatch.setattr("djsite.browse.views.pages.VERSIONS", 2)
    factories.shop(rounds=7)
    page = Page.objects.get(url__endswith="/p/0")
    shown = text(viewer, reverse("page", args=[page.pk]))
    assert "<del>10.00 EUR</del>11.50 EUR" in shown
    assert "first version" not in shown


def test_a_version_shows_fields_text_and_links(viewer: Client):
    factories.shop(rounds=4)
    first, last = Snapshot.objects.filter(page__url__endswith="/p/0").order_by("id")
    shown = text(viewer, reverse("version", args=[last.pk]))
    assert "<del>10.00 EUR</del>11.50 EUR" in shown
    assert "It costs 11.50 EUR today." in shown
    assert "http://shop.example/p/1" in shown
    assert reverse("version", args=[first.pk]) in shown
    assert "the latest" in shown
    assert "the latest" not in text(viewer, reverse("version", args=[first.pk]))


def test_a_version_without_a_record_is_shown(viewer: Client):
    factories.crawl(factories.make_seed(fields=[]), [Got("http://shop.example/", text="")])
    snapshot = Snapshot.objects.get()
    assert "This version has no text" in text(viewer, reverse("version", args=[snapshot.pk]))
    assert "Versions" in text(viewer, reverse("page", args=[snapshot.page_id]))


def test_the_body_is_only_a_download(viewer: Client):
    factories.crawl(factories.make_seed(), [Got("http://shop.example/", text="<script>alert(1)</script>")])
    response = viewer.get(reverse("version-raw", args=[Snapshot.objects.get().pk]))
    assert b"<script>alert(1)</script>" in response.getvalue()
    assert re.fullmatch(r'attachment; filename="version-\d+\.html\.txt"', response["Content-Disposition"])
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")


def test_a_body_that_is_gone_is_explained(viewer: Client, archive):
    factories.crawl(factories.make_seed(), [Got("http://shop.example/")])
    snapshot = Snapshot.objects.select_related("batch").get()
    (archive / snapshot.batch.folder / "segment.warc.gz").unlink()
    response = viewer.get(reverse("version-raw", args=[snapshot.pk]))
    assert response.status_code == 404
    assert "not in the archive" in response.content.decode()


def test_a_body_that_the_disk_has_changed_is_not_handed_out(viewer: Client):
    factories.crawl(factories.make_seed(), [Got("http://shop.example/")])
    Snapshot.objects.update(digest="0" * 64)
    response = viewer.get(reverse("version-raw", args=[Snapshot.objects.get().pk]))
    assert response.status_code == 404
    assert "damaged" in response.content.decode()


def test_records_are_a_table_with_the_fields_as_columns(viewer: Client):
    seed = factories.shop(rounds=1)
    page = text(viewer, reverse("records"), seed=seed.pk)
    for head in ("Record</a>", "price</a>", "stock</a>"):  # names are in the first column
        assert head in page
    assert "10.00 EUR" in page
    assert page.count("no match") == 9
    assert "Choose a seed" in text(viewer, reverse("records"))


def test_a_field_that_a_version_never_had_is_empty_and_no_change(viewer: Client):
    seed = factories.make_seed()
    for hour, fields in (
        (9, {"name": "A"}),
        (10, {"name": "A", "price": None}),
        (11, {"name": "A", "price": "1"}),
    ):
        at = factories.NOW.replace(hour=hour)
        factories.crawl(seed, [Got("http://shop.example/", title=str(hour), fields=fields)], at=at)
    page = Page.objects.get()
    shown = text(viewer, reverse("page", args=[page.pk]))
    assert shown.count("1 field changed") == 1
    assert shown.count("0 fields changed") == 1
    assert shown.count("no match") == 2  # before and after it began to match
    assert text(viewer, reverse("records"), seed=seed.pk).count("no match") == 0  # it is one thing, now


def crawled_by_other_rules(seed: Seed, hour: int, css: str, got: Got) -> None:
    seed.fields = [{"name": "name", "css": "h1"}, {"name": "price", "css": css}]
    seed.save()
    factories.crawl(seed, [got], at=factories.NOW.replace(hour=hour))


def test_what_other_rules_read_is_no_change_of_the_page(viewer: Client):
    seed, url = factories.make_seed(), "http://shop.example/"
    crawled_by_other_rules(seed, 8, ".price", Got(url, title="8", fields={"name": "A", "price": "about 1"}))
    crawled_by_other_rules(seed, 9, ".p", Got(url, title="9", fields={"name": "B", "price": "1 EUR"}))
    again = Got(url, Outcome.UNCHANGED, status=304, fields={"name": "B", "price": "1"})
    crawled_by_other_rules(seed, 10, ".p b", again)
    crawled_by_other_rules(seed, 11, ".p b", Got(url, title="11", fields={"name": "B", "price": "2"}))
    page = Page.objects.get()
    assert page.versions == 3
    shown = text(viewer, reverse("page", args=[page.pk]))
    assert re.findall(r"<del>(.*?)</del>", shown) == ["1", "A"]  # the price of 11, the name of 9
    assert shown.count("1 field changed") == 2
    assert "1 EUR" not in shown
    records = text(viewer, reverse("records"), seed=seed.pk)
    assert records.count('class="main"') == 1
    assert "1 EUR" not in records


def test_what_belongs_to_a_deleted_seed_is_gone(viewer: Client):
    seed = factories.shop(rounds=1)
    page, run = Page.objects.first(), Run.objects.get()
    Seed.objects.update(deleted_at=factories.NOW)
    assert "shop.example" not in text(viewer, reverse("pages"))
    for name, pk in (("seed", seed.pk), ("run", run.pk), ("page", page.pk), ("version", page.latest_id)):
        assert viewer.get(reverse(name, args=[pk])).status_code == 404, name
    assert "Corner shop" not in text(viewer, reverse("records"))
    assert "Corner shop" not in text(viewer, "/")


def test_health_tells_strangers_little(client: Client):
    response = client.get("/health/", REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 200
    assert set(response.json()) == {"status", "database", "redis", "beat", "workers", "problems"}
    assert response.json()["status"] == "degraded"  # nothing runs in this test


def test_a_page_says_how_often_it_was_looked_at_and_what_was_seen(viewer: Client):
    seed = factories.make_seed(time_zone="Europe/Berlin")
    factories.crawl(seed, [Got("http://shop.example/")])
    page = Page.objects.get()
    for hours, saw in enumerate([Saw.CHANGE, Saw.SAME, Saw.NOTHING]):
        page.lately = add_look(page.lately, factories.NOW + timedelta(hours=hours), saw)
    page.looks, page.versions, page.last_fetched_at = 31, 5, factories.NOW + timedelta(hours=1)
    page.save()
    shown = text(viewer, reverse("page", args=[page.pk]))
    assert "Looked at <b>31</b> times, changed <b>4</b> times. Seen unchanged" in shown
    assert "Tue 10 Mar 2026, 14:00" in shown
    assert "Kept of its 5 versions: 1." in shown
    bars = ["12:00 UTC: changed", "13:00 UTC: unchanged", "14:00 UTC: not there"]
    assert "; ".join(f"2026-03-10 {bar}" for bar in bars) in shown


def test_a_filtered_list_of_pages_is_downloaded_as_it_is_shown(viewer: Client, monkeypatch):
    monkeypatch.setattr("djsite.desk.pages.table.SLICE", 2)
    seed = factories.make_seed("Tea")
    factories.crawl(seed, [Got(f"http://shop.example/{n}", title=f"Tea {n}") for n in range(5)])
    factories.crawl(factories.make_seed("Coffee"), [Got("http://coffee.example/", title="Tea?")])
    Page.objects.filter(url__endswith="/3").update(gone_at=timezone.now())
    query = {"seed": seed.pk, "text": "Tea", "sort": "last_changed_at"}
    assert f"{reverse('pages-file', args=['csv'])}?seed={seed.pk}" in text(viewer, reverse("pages"), **query)
    response = viewer.get(reverse("pages-file", args=["csv"]), query)
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [row["title"] for row in rows] == [f"Tea {n}" for n in range(5)]
    assert [bool(row["gone_at"]) for row in rows] == [False, False, False, True, False]
    gone = viewer.get(reverse("pages-file", args=["jsonl"]), {"happened": "gone", "since": "24"})
    assert [json.loads(line)["title"] for line in b"".join(gone.streaming_content).splitlines()] == ["Tea 3"]
