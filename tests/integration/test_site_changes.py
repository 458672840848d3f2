"""What changed, as people see it: lists, the dashboard, seeds and runs, kept views and their feeds."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import feedparser  # type: ignore[import-untyped]
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from catalog.models import Alert, Event, KeptView, SecondLook, Seed
from pipelines.telling.content import link_of
from tests import factories
from tests.factories import NOW, Got, make_event, make_seed
from tests.integration.stored_pages import StoredShop, product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
Kind, State = Event.Kind, Event.State
SESSION = 5  # session, user, the two queries of the permissions, and whether everything is paused


@pytest.fixture(autouse=True)
def _no_feeds_in_the_cache() -> None:
    cache.clear()


@pytest.fixture
def seed() -> Seed:
    return make_seed("Teas")


@pytest.fixture
def viewer(client: Client) -> Client:
    client.user = factories.log_in(client, "viewer")
    return client


def text(client: Client, url: str, **query) -> str:
    """A page as its reader sees it, more or less."""
    response = client.get(url, query, follow=True)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def keep(client: Client, name: str = "Cheaper", query: str = "direction=down") -> KeptView:
    client.post(reverse("changes-keep"), {"name": name, "query": query})
    return KeptView.objects.latest("pk")


def test_a_change_is_shown_in_words(viewer: Client, seed):
    make_event(seed, record_id=5, page_id=6)
    page = text(viewer, reverse("changes"))
    assert '<a class="subject" href="/records/5/">Assam</a>' in page
    assert '<span class="what">price</span> <del>12.50</del>' in page
    assert "<ins>9.90 €</ins>" in page
    assert '<span class="delta down" title="down"> ▼ −21 % </span>' in page
    assert 'href="/pages/6/"' in page and ">Teas</a>" in page


@pytest.mark.parametrize(
    ("query", "condition", "least"),
    [
        ("direction=down&percent=10&field=price", "down", "10"),
        ("least=2.5", "changed", "2.5"),
        ("kind=new&collection=teas", "record_new", None),
        ("", "", None),
    ],
)
def test_a_list_leads_to_an_alert_on_the_same(viewer: Client, seed, query, condition, least):
    page = text(viewer, f"{reverse('changes')}?seed={seed.pk}&{query}")
    form = viewer.get(re.search(r'href="(/alerts/new/\?[^"]*)"', page).group(1)).context["form"]
    assert (form["condition"].value(), form["place"].value()) == (condition, f"seed-{seed.pk}")
    assert not least or (form["least"].value(), form["in_percent"].value()) == (
        least,
        str("percent" in query),
    )
    assert "field=" not in query or form["field"].value() == "price"


def test_what_only_a_view_can_say_leads_to_an_alert_once_it_is_kept(viewer: Client, seed):
    assert "/alerts/new/?" not in text(viewer, reverse("changes"), text="assam")
    view = keep(viewer, query="text=assam")
    assert f'href="/alerts/new/?view={view.pk}&condition=anything"' in text(
        viewer, reverse("changes"), text="assam"
    )


def test_each_kind_has_its_words(viewer: Client, seed):
    news = make_seed("News", fields=[])
    make_event(seed, kind=Kind.RECORD_NEW, after={"price": {"amount": 4, "currency": "EUR"}})
    make_event(seed, kind=Kind.RECORD_GONE)
    make_event(news, kind=Kind.PAGE_CHANGED, subject="Article", detail="Two sentences are new.")
    make_event(seed, kind=Kind.RUN_FAILED, detail="It got nothing.", run_id=3, subject="")
    page = text(viewer, reverse("changes"))
    assert re.search(r'tag good">new</span> 4.00 €', page)
    assert 'tag bad">gone</span>' in page
    assert 'tag run">page changed</span> Two sentences are new.' in page
    assert "It got nothing" not in page
    trouble = text(viewer, reverse("changes"), kind="trouble")
    assert 'href="/runs/3/">Teas</a>' in trouble and "the run failed. It got nothing." in trouble


def test_what_strangers_wrote_is_text(viewer: Client, seed):
    make_event(seed, subject="<script>alert(1)</script>", url="javascript:alert(1)", page_id=1, before="<b>")
    page = viewer.get(reverse("changes")).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    assert 'href="javascript:' not in page
    assert "<del>&lt;b&gt;</del>" in page


def test_what_a_second_look_has_to_tell_is_marked(viewer: Client, seed):
    event = make_event(seed, state=State.AWAITED, page_id=7)
    due = timezone.now() + timedelta(days=1)
    look = SecondLook.objects.create(seed=seed, page_id=7, due_at=due, events=[event.pk])
    make_event(seed, state=State.WITHDRAWN, subject="Withdrawn tea")
    page = text(viewer, reverse("changes"))
    assert "not certain yet</span> a second look at <time" in " ".join(page.split())
    assert f"{due:%H:%M} UTC</time> will tell" in page
    assert "Withdrawn tea" not in page
    assert "a second look saw something else" in text(viewer, reverse("changes"), withdrawn="1")
    for of_look in ({"due_at": NOW}, {"due_at": due, "state": SecondLook.State.ASKED}):
        SecondLook.objects.filter(pk=look.pk).update(**of_look)
        page = text(viewer, reverse("changes"))
        assert "not certain yet</span> a second look is under way" in page
        assert "UTC</time> will tell" not in page


def test_filters_stay_in_the_address_and_in_the_form(viewer: Client, seed):
    for number in range(60):
        make_event(seed, subject=f"Tea {number}", field="price" if number % 2 else "stock")
    page = text(viewer, reverse("changes"), seed=seed.pk, field="price", percent="20")
    assert f'<option value="{seed.pk}" selected>Teas</option>' in page
    assert 'value="price"' in page and "<details open>" in page
    assert "seed Teas, field price, by at least 20 %" in page
    assert "Tea 59" in page and "Tea 58" not in page
    further = re.search(r'href="(\?[^"]*after=[^"]*)"', text(viewer, reverse("changes"), field=""))
    assert further
    assert "Tea 9<" in text(viewer, reverse("changes") + further[1].replace("&amp;", "&"))


def test_rows_stand_under_their_day(viewer: Client, seed):
    now = timezone.now()
    for days in (0, 1, 5):
        make_event(seed, at=now - timedelta(days=days))
    headings = re.findall(r'class="group">(.*?)</h3>', text(viewer, reverse("changes")))
    assert headings[:2] == ["Today", "Yesterday"]
    assert len(headings) == 3


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_download_has_exactly_what_the_list_shows(viewer: Client, seed, form, monkeypatch):
    monkeypatch.setattr("djsite.desk.events.table.SLICE", 2)
    for number in range(5):
        make_event(seed, subject=f"Tea {number}", after=number, before="=1+1")
    make_event(seed, subject="Dearer", difference=1.0)
    response = viewer.get(reverse("changes-file", args=[form]), {"direction": "down", "after": "x"})
    assert response["Content-Disposition"] == f'attachment; filename="changes.{form}"'
    body = b"".join(response.streaming_content).decode()
    lines = io.StringIO(body)
    rows = list(csv.DictReader(lines) if form == "csv" else map(json.loads, lines))
    assert [row["subject"] for row in rows] == [f"Tea {number}" for number in (4, 3, 2, 1, 0)]
    assert [str(row["after"]) for row in rows] == ["4", "3", "2", "1", "0"]
    assert rows[0]["before"] == ("'=1+1" if form == "csv" else "=1+1")
    assert rows[0]["sentence"] == "Tea 4: price =1+1 → 4, −21 %"
    assert rows[0]["seed"] == "Teas"


def test_the_dashboard_begins_with_what_changed(viewer: Client, seed):
    now = timezone.now()
    news = make_seed("News", fields=[])
    make_event(seed, at=now - timedelta(minutes=3))
    make_event(seed, at=now, kind=Kind.PAGE_CHANGED, subject="The page of Assam")
    make_event(news, at=now - timedelta(hours=2), kind=Kind.PAGE_NEW, subject="Tram line")
    page = text(viewer, "/")
    assert page.index("What changed") < page.index("Running now")
    live = text(viewer, reverse("dashboard-changes"))
    assert "3 min ago" in live and "Tram line" in live and "The page of Assam" not in live
    assert re.search(r">Teas</a> </div> <div class=\"aside\"> 1 changed", live)
    assert f'{reverse("changes")}?since=24&kind=new">1</a>' in live
    assert "<html" not in live


def test_a_price_that_falls_in_a_run_is_told_everywhere(viewer: Client):
    shop = StoredShop("a")
    first = shop.run(a=[product("assam", 12.5)])
    run = shop.run(a=[product("assam", 9.9)])
    view = text_of_post(viewer, reverse("seed-feed", args=[run.seed_id]))
    feed = re.search(r"/feeds/[\w-]+\.atom", view)
    assert feed
    for address in ("dashboard-changes", "changes"):
        assert "<del>12.5</del>" in text(viewer, reverse(address)), address
    assert "<ins>9.9</ins>" in text(viewer, reverse("seed", args=[run.seed_id]))
    assert re.search(r"The run before</a>.*?: 0 new, 0 changed", text(viewer, reverse("run", args=[run.pk])))
    assert "The first run:" in text(viewer, reverse("run", args=[first.pk]))
    entry = feedparser.parse(Client().get(feed[0]).content).entries[0]
    assert entry.title == "Assam: price 12.5 → 9.9, −21 %"


def test_an_empty_dashboard_says_when_changes_come(viewer: Client):
    assert "changes are told from the second one on" in text(viewer, reverse("dashboard-changes"))


def test_a_seed_shows_what_changed_lately(viewer: Client, seed):
    for number in range(7):
        make_event(seed, subject=f"Tea {number}")
    make_event(make_seed("Other"), subject="Coffee")
    page = text(viewer, reverse("seed", args=[seed.pk]))
    assert page.count('class="subject"') == 5
    assert "Tea 6" in page and "Coffee" not in page


def test_a_run_shows_what_it_found_beside_the_run_before(viewer: Client, seed):
    got = [Got("http://shop.example/")]
    first, second = (factories.crawl(seed, got, at=NOW + timedelta(hours=hour)) for hour in (0, 1))
    for run, count in ((first, 2), (second, 4)):
        for _ in range(count):
            make_event(seed, run_id=run.pk)
    make_event(seed, run_id=second.pk, kind=Kind.RECORD_NEW, subject="Gyokuro")
    page = text(viewer, reverse("run", args=[second.pk]))
    assert page.index("What changed") < page.index("Counters")
    assert f'?run={second.pk}&kind=changed">4</a>' in page and "Gyokuro" in page
    assert re.search(r"The run before</a>.*?: 0 new, 2 changed, 0 gone", page)
    assert 'id="run-changes" hx-swap-oob="true"' in text(viewer, reverse("run-live", args=[second.pk]))


def test_the_first_run_says_what_it_found(viewer: Client):
    plain = make_seed(fields=[])
    run = factories.crawl(plain, [Got(f"http://shop.example/{number}") for number in range(3)])
    assert "The first run: 3 pages found" in text(viewer, reverse("run", args=[run.pk]))


def test_queries_do_not_grow_with_the_rows(viewer: Client, seed, django_assert_max_num_queries):
    run = factories.make_run(seed, discovered=5, stored=5)
    for number in range(30):
        make_event(seed, run_id=run.pk, kind=1 + number % 3, state=State.AWAITED, at=timezone.now())
    later = factories.make_run(seed, at=NOW + timedelta(hours=1), discovered=5, stored=5)
    for number in range(30):
        make_event(seed, run_id=later.pk, kind=1 + number % 3)
    with django_assert_max_num_queries(
        SESSION + 5 + 11 + 3
    ):  # the run before, thrice rows and two counts, failures
        viewer.get(reverse("run", args=[later.pk]))
    with django_assert_max_num_queries(SESSION + 5):  # a slice and its horizon, looks, views, the seeds
        viewer.get(reverse("changes"))
    with django_assert_max_num_queries(SESSION + 5):  # the same of ten, and the counts of a day
        viewer.get(reverse("dashboard-changes"))


def test_a_list_is_kept_under_a_name(viewer: Client, seed):
    view = keep(viewer, "Tea that got cheaper", f"seed={seed.pk}&direction=down&after=1~1")
    assert (view.query, view.owner) == (f"seed={seed.pk}&direction=down", viewer.user)
    page = text(viewer, f"{reverse('changes')}?{view.query}")
    assert "<h1>Tea that got cheaper</h1>" in page
    assert 'aria-current="true">Tea that got cheaper</a>' in page
    assert "Keep this view" not in page


def test_a_view_without_a_name_is_not_kept(viewer: Client):
    viewer.post(reverse("changes-keep"), {"name": " ", "query": "direction=down"})
    assert not KeptView.objects.exists()
    assert "Give the view a name" in text(viewer, reverse("changes"))


def test_an_account_keeps_a_bounded_number_of_views(viewer: Client, monkeypatch):
    monkeypatch.setattr("djsite.desk.events.kept.MOST", 2)
    for number in range(3):
        keep(viewer, f"View {number}")
    assert KeptView.objects.count() == 2
    assert "Delete one" in text(viewer, reverse("changes"))


def test_views_are_changed_by_their_owner_and_by_staff(viewer: Client):
    view = keep(viewer)
    address, other, staff = reverse("kept-view", args=[view.pk]), Client(), Client()
    factories.log_in(other, "operator")
    factories.log_in(staff, "operator", is_staff=True)
    assert "New address" not in text(other, address)
    for action in ("rename", "renew", "delete"):
        assert other.post(address, {"action": action, "name": "Mine"}).status_code == 403
    viewer.post(address, {"action": "rename", "name": "Much cheaper"})
    assert KeptView.objects.get().name == "Much cheaper"
    staff.post(address, {"action": "delete"})
    assert not KeptView.objects.exists()


def test_a_view_that_alerts_use_is_not_deleted(viewer: Client):
    view = keep(viewer)
    Alert.objects.create(name="Tell me", view=view, condition=Alert.Condition.FIELD_DOWN)
    viewer.post(reverse("kept-view", args=[view.pk]), {"action": "delete"})
    assert "Alerts use this view: Tell me" in text(viewer, reverse("kept-view", args=[view.pk]))


def test_a_feed_is_read_by_its_token_alone(viewer: Client, seed):
    view = keep(viewer)
    older = make_event(seed, record_id=5)
    make_event(seed, subject="Dearer", difference=1.0)
    newer = make_event(seed, subject="Tom & <b>Jerry</b>\x08", url="http://shop.example/p?a=1&b=2", page_id=4)
    response = Client().get(reverse("feed", args=[view.token]))
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(response.content)
    assert not feed.bozo and feed.version == "atom10"
    assert feed.feed.title == "Cheaper · Crawlbeat"
    assert feed.feed.updated == newer.at.isoformat()
    assert feed.feed.author == "Crawlbeat"
    assert [link.rel for link in feed.feed.links] == ["alternate", "self"]
    first, second = feed.entries
    assert first.id == f"tag:testserver,{newer.at:%Y-%m-%d}:event/{newer.pk}"
    assert first.title_detail.type == "text/plain"
    assert first.title == "Tom & <b>Jerry</b>\ufffd: price 12.50 → 9.90 €, −21 %"
    assert [link.href for link in first.links] == ["http://testserver/pages/4/", newer.url]
    assert second.link == "http://testserver/records/5/"
    assert second.updated == older.at.isoformat()
    html = second.content[0].value
    assert "<del>12.50</del> <ins>9.90 €</ins>" in html and second.content[0].type == "text/html"
    assert b"&amp;lt;b&amp;gt;Jerry" in response.content  # escaped in the HTML, and that in the XML


def test_a_feed_that_has_nothing_new_is_not_sent_again(viewer: Client, seed):
    address = reverse("feed", args=[keep(viewer).token])
    make_event(seed)
    tag = Client().get(address)["ETag"]
    again = Client().get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    cache.clear()
    make_event(seed)
    assert Client().get(address, headers={"If-None-Match": tag}).status_code == 200


def test_a_feed_is_made_once_in_a_while(viewer: Client, seed, django_assert_max_num_queries):
    address = reverse("feed", args=[keep(viewer).token])
    make_event(seed)
    Client().get(address)
    with django_assert_max_num_queries(1):
        assert Client().get(address).status_code == 200


def test_a_token_that_is_none_shows_nothing(viewer: Client):
    view = keep(viewer)
    assert Client().get(reverse("feed", args=["nonsense"])).status_code == 404
    viewer.post(reverse("kept-view", args=[view.pk]), {"action": "renew"})
    assert Client().get(reverse("feed", args=[view.token])).status_code == 404
    new = reverse("feed", args=[KeptView.objects.get().token])
    assert Client().get(new).status_code == 200
    assert new in text(viewer, reverse("kept-view", args=[view.pk]))
    viewer.user.is_active = False
    viewer.user.save()
    assert Client().get(new).status_code == 404


def test_an_empty_feed_is_a_feed(viewer: Client):
    feed = feedparser.parse(Client().get(reverse("feed", args=[keep(viewer).token])).content)
    assert not feed.bozo and not feed.entries and feed.feed.updated


def test_a_seed_has_one_feed(viewer: Client, seed):
    make_event(seed, kind=Kind.RECORD_NEW)
    make_event(make_seed("Other"))
    pages = [text_of_post(viewer, reverse("seed-feed", args=[seed.pk])) for _ in range(2)]
    view = KeptView.objects.get()
    assert all(f"/feeds/{view.token}.atom" in page for page in pages)
    feed = feedparser.parse(Client().get(reverse("feed", args=[view.token])).content)
    assert [entry.title for entry in feed.entries] == ["New in products: Assam"]
    assert reverse("kept-view", args=[view.pk]) in text(viewer, reverse("seed", args=[seed.pk]))
    assert 'class="kept"' not in text(viewer, reverse("changes"))  # a feed of a seed is no view by name
    Seed.objects.update(deleted_at=NOW)
    cache.clear()
    assert not feedparser.parse(Client().get(reverse("feed", args=[view.token])).content).entries


def text_of_post(client: Client, url: str) -> str:
    return client.post(url, follow=True).content.decode()


def test_the_links_of_messages_lead_to_pages_of_ours():
    names = {"record_id": "record", "page_id": "page", "run_id": "run", "seed_id": "seed"}
    for column, name in names.items():
        assert resolve(link_of(Event(**{"seed_id": 1, column: 5}))).url_name == name
