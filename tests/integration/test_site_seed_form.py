"""Seeds made and changed in the site: one page, what it says of mistakes, and where it leads."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Run, Seed, SeedEdit
from catalog.models.seed import written_names
from djsite.browse.seeding.forms import SiteSeedForm
from djsite.desk import seeds
from tests import factories
from tests.factories import Got

pytestmark = pytest.mark.django_db

NEW = "/seeds/new/"
SENT = {
    "start_urls": "www.tea.example",
    "enabled": "on",
    "schedule": "interval",
    "every": "6",
    "unit": "hours",
    "time_zone": "Europe/Berlin",
    "overlap": "skip",
    "catch_up": "one",
    "change_means": "content",
    "learn_noise": "on",
    "catch_up_limit": "10",
    "scope": "host",
    "use_sitemaps": "on",
    "max_url_length": "2000",
    "max_repeated_segments": "3",
    "max_pages_per_host": "1000000",
    "max_same_text": "100",
    "delay": "1",
    "per_host": "1",
    "obey_robots": "on",
    "lane": "1",
    "priority": "5",
    "second_look_minutes": "5",
}


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator")
    return client


def send(client: Client, url: str = NEW, **values: object) -> str:
    """Send the form; the page that comes back, empty when the seed was saved."""
    sent = {name: value for name, value in (SENT | values).items() if value is not None}
    answer = client.post(url, sent)
    assert answer.status_code in (200, 302)
    return unescape(answer.content.decode()) if answer.status_code == 200 else ""


def test_an_address_alone_makes_a_seed_that_runs_at_once(operator: Client):
    answer = operator.post(NEW, SENT, follow=True)
    seed = Seed.objects.get()
    assert answer.redirect_chain == [(f"/seeds/{seed.pk}/", 302)]
    assert "was added successfully. It runs now." in answer.content.decode()
    assert 'hx-select="#last-runs"' in answer.content.decode(), "its first run is shown as it goes"
    assert (seed.start_urls, seed.name) == ("https://www.tea.example", "tea.example")
    assert seed.next_slot <= timezone.now()
    assert send(operator, start_urls="tea.example/shop\nhttp://tea.example") == ""
    assert Seed.objects.get(name="tea.example 2").start_urls == "https://tea.example/shop\nhttp://tea.example"


def test_every_mistake_is_on_top_with_a_link_to_its_box_and_opens_its_fold(operator: Client):
    page = send(operator, start_urls="http://127.0.0.1/\nhttp://tea", max_pages="0", robots_reason="")
    assert 'href="#id_start_urls"' in page
    assert 'href="#id_max_pages">Pages at most</a>' in page
    assert folds_open(page) == {"limits"}, "an operator has no box for networks"
    assert not Seed.objects.exists()


def test_a_mistake_opens_the_fold_that_its_sentence_names(client: Client):
    factories.log_in(client, "operator", is_staff=True)
    page = send(client, start_urls="http://127.0.0.1/")
    assert folds_open(page) == {"access"}
    assert '<a href="#id_allow_networks">Go to “Networks that may be reached”</a>' in page


def folds_open(page: str) -> set[str]:
    return set(re.findall(r'<details class="[^"]*" id="fold-(\w+)" open', page))


def test_what_is_not_usual_stands_in_the_head_of_its_fold(operator: Client):
    seed = factories.make_seed(max_depth=3, obey_robots=False, robots_reason="ours", headers="X-Key: secret")
    page = unescape(operator.get(f"/seeds/{seed.pk}/edit/").content.decode())
    for chip in ("Links deep: 3", "not: Obey robots.txt", "1 of Request headers"):
        assert f'<span class="tag run">{chip}</span>' in page
    assert "secret" not in page
    assert page.count('<span class="tag run">') == 4, "with the reason"
    assert unescape(operator.get(NEW).content.decode()).count('<span class="tag run">') == 0


def test_fields_are_rows_with_the_values_that_they_had_last(operator: Client):
    seed = factories.make_seed(fields=[{"name": "price", "css": ".price::text"}])
    factories.crawl(seed, [Got("http://shop.example/", fields={"price": "12.50 €"})])
    page = unescape(operator.get(f"/seeds/{seed.pk}/edit/").content.decode())
    assert page.count('<ol class="due">') == 1
    assert 'name="rules-name" value="price"' in page
    assert 'name="rules-rule" value=".price::text"' in page
    assert "12.50 €" in page
    rows = {"rules-name": ["price", "", "name"], "rules-rule": [".cost", "", "h1"]}
    assert send(operator, f"/seeds/{seed.pk}/edit/", name=seed.name, **rows) == ""
    seed.refresh_from_db()
    assert seed.fields == [{"name": "price", "css": ".cost"}, {"name": "name", "css": "h1"}]
    wrong = send(operator, **{"rules-name": ["price", "x"], "rules-rule": [".cost", ""]})
    assert "Line 2: 'x =' is not a field" in wrong


def test_collections_are_saved(operator: Client):
    teas = {"name": "teas", "items": {"css": "li"}, "fields": [{"name": "title", "css": "b"}]}
    assert send(operator, collections=json.dumps(teas)) == ""
    assert [each.name for each in Seed.objects.get().policy().collections] == ["teas"]


def test_the_form_writes_everything_that_people_may_say():
    by_boxes_of_their_own = {"interval_seconds", "fields"}
    assert set(written_names()) - set(SiteSeedForm._meta.fields) == by_boxes_of_their_own


def test_more_rows_lose_nothing_that_was_written(operator: Client):
    page = send(operator, step="row", **{"rules-name": ["price"], "rules-rule": [".price"], "max_depth": "4"})
    assert 'value=".price"' in page
    assert page.count('name="rules-name"') == 4
    assert 'value="www.tea.example"' in page or "www.tea.example</textarea>" in page
    assert "Links deep: 4" in page
    assert "It is not saved yet" not in page


@pytest.mark.parametrize(
    ("sent", "cron"),
    [
        ({"at": "08:00", "days": "*"}, "0 8 * * *"),
        ({"at": "17:45", "days": "1-5"}, "45 17 * * 1-5"),
        ({"at": "00:05", "days": "0"}, "5 0 * * 0"),
    ],
)
def test_a_time_of_day_needs_no_cron_line(operator: Client, sent: dict[str, str], cron: str):
    assert send(operator, schedule="daily", **sent) == ""
    seed = Seed.objects.get()
    assert (seed.schedule, seed.cron, seed.time_zone) == ("cron", cron, "Europe/Berlin")
    page = operator.get(f"/seeds/{seed.pk}/edit/").content.decode()
    assert re.search(r'name="schedule" value="daily"[^>]* checked', page)
    assert f'name="at" value="{sent["at"]}"' in page


def test_a_missing_time_of_day_is_told(operator: Client):
    assert "Write the time of day" in send(operator, schedule="daily", at="")


def test_the_next_due_times_follow_what_is_written(operator: Client):
    asked = {"enabled": "on", "schedule": "daily", "at": "08:00", "days": "*", "time_zone": "Asia/Tokyo"}
    shown = operator.get("/seeds/due/", asked).content.decode()
    assert shown.count("<li>") == 5
    assert shown.count("at once") == 1
    assert shown.count("08:00") == 4
    assert (
        "None: its schedule is switched off"
        in operator.get("/seeds/due/", asked | {"enabled": ""}).content.decode()
    )
    cron = operator.get("/seeds/due/", asked | {"schedule": "cron", "cron": "0 8 * *"}).content.decode()
    assert "has five parts" in cron
    assert operator.get(NEW).content.decode().count("<li>at once") == 1, "in a new form too"
    seed = factories.make_seed(interval_seconds=3600)
    of_seed = operator.get("/seeds/due/", asked | {"seed": seed.pk}).content.decode()
    assert (of_seed.count("08:00"), "at once" in of_seed) == (5, False)


def test_a_seed_by_hand_is_begun_when_it_is_made(operator: Client):
    assert send(operator, schedule="manual") == ""
    assert Run.objects.get().seed == Seed.objects.get()


def test_tags_are_words_by_which_the_list_is_filtered(operator: Client):
    assert send(operator, tags=" tea shop, Büro ,TEA  SHOP,") == ""
    factories.make_seed("Other", tags=["office"])
    seed = Seed.objects.get(name="tea.example")
    assert seed.tags == ["tea shop", "Büro"]
    shown = unescape(operator.get("/seeds/?tag=B%C3%BCro").content.decode())
    assert f"/seeds/{seed.pk}/" in shown
    assert ">Other</a>" not in shown
    assert ">Other</a>" in operator.get("/seeds/").content.decode()
    assert "at most 40 characters" in send(operator, name="x", tags="x" * 41)


def test_a_copy_begins_with_everything_and_a_name_of_its_own(operator: Client):
    seed = factories.make_seed("Shop", headers="X-Key: secret", max_depth=2, tags=["tea"])
    page = operator.get(f"{NEW}?copy={seed.pk}").content.decode()
    assert 'value="Shop (copy)"' in page
    assert "X-Key: (kept)" in page
    sent = {"name": "Shop (copy)", "headers": "X-Key: (kept)", "max_depth": "2", "tags": "tea"}
    assert send(operator, f"{NEW}?copy={seed.pk}", **sent) == ""
    copy = Seed.objects.get(name="Shop (copy)")
    assert copy.header_pairs() == (("X-Key", "secret"),)
    assert copy.pk != seed.pk
    assert not copy.runs.exists()


def test_a_starting_point_fills_the_form(operator: Client):
    fresh = operator.get(NEW).content.decode()
    assert "?start=shop" in fresh
    page = operator.get(f"{NEW}?start=price").content.decode()
    assert re.search(r'name="scope" value="page"[^>]* checked', page)
    assert 'value="price"' in page


def test_where_staff_opened_networks_only_staff_say_where_it_goes(operator: Client):
    seed = factories.make_seed("Intranet", start_urls="http://10.1.2.3/", allow_networks="10.0.0.0/8")
    url = f"/seeds/{seed.pk}/edit/"
    page = operator.get(url).content.decode()
    assert "only staff change where it goes" in page
    assert 'name="start_urls"' not in page
    turned = {
        "start_urls": "http://10.9.9.9/",
        "headers": "X: 1",
        "priority": "8",
        "allow_networks": "0.0.0.0/0",
    }
    assert send(operator, url, name="", **turned) == ""
    seed.refresh_from_db()
    assert (seed.start_urls, seed.headers, seed.priority) == ("http://10.1.2.3/", "", 8)
    assert seed.allow_networks == "10.0.0.0/8"
    assert operator.get(f"{NEW}?copy={seed.pk}").status_code == 403


def test_saving_without_a_change_changes_nothing(operator: Client):
    seed = factories.make_seed(
        schedule="cron", cron="30 8 * * 1-5", headers="X-A: 1", tags=["a"], interval_seconds=None, max_depth=0
    )
    before = Seed.objects.values().get()
    form = operator.get(f"/seeds/{seed.pk}/edit/").context["form"]
    boxes = {name: form[name].value() for name in form.fields}
    sent = {
        name: "on" if value is True else value
        for name, value in boxes.items()
        if value is not None and value is not False
    }
    assert operator.post(f"/seeds/{seed.pk}/edit/", sent).status_code == 302
    left_out = {"updated_at", "next_slot", "slot_rule"}
    after = Seed.objects.values().get()
    assert {k: v for k, v in after.items() if k not in left_out} == {
        k: v for k, v in before.items() if k not in left_out
    }
    assert not SeedEdit.objects.exists()


def test_what_was_written_is_there_after_a_try(operator: Client, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr("scheduler.dispatch.try_page", lambda *args: asked.append(args) or "key-9")
    sent = SENT | {
        "step": "try",
        "name": "Tea",
        "headers": "X-Key: secret",
        "at": "09:15",
        "schedule": "daily",
    }
    answer = operator.post(NEW, sent)
    assert answer["Location"].startswith("/try/key-9/")
    assert asked[0][0] == "https://www.tea.example/"[:-1]
    page = operator.get(f"{NEW}?try=key-9").content.decode()
    for part in (
        'value="Tea"',
        "www.tea.example</textarea>",
        'value="09:15"',
        'value="Europe/Berlin" selected',
    ):
        assert part in page
    assert "secret" not in str(dict(operator.session))
    assert 'value="Tea"' not in operator.get(f"{NEW}?try=other").content.decode()
    assert "Write the address of a page" in send(operator, step="try", start_urls="")


def test_a_viewer_is_led_nowhere(client: Client):
    factories.log_in(client, "viewer")
    seed = factories.make_seed()
    for url in (
        NEW,
        f"/seeds/{seed.pk}/edit/",
        f"/seeds/{seed.pk}/delete/",
        "/seeds/deleted/",
        "/seeds/due/",
    ):
        assert client.get(url).status_code == 403
    for url in ("/", "/seeds/", f"/seeds/{seed.pk}/", f"/seeds/?deleted={seed.pk}"):
        shown = client.get(url).content.decode()
        assert not re.findall(r'(?:href|action)="/seeds/[^"]*(?:new|edit|delete|deleted|back)/', shown)


@pytest.mark.usefixtures("archive")
def test_a_deletion_says_what_goes_and_can_be_undone(operator: Client):
    seed = factories.shop(rounds=2)
    records, pages = seed.records.count(), seed.pages.count()
    asked = " ".join(unescape(operator.get(f"/seeds/{seed.pk}/delete/").content.decode()).split())
    for part in (f"{records} records", f"{pages} pages", "2 runs", "0 alerts"):
        assert part in asked
    done = operator.post(f"/seeds/{seed.pk}/delete/", follow=True)
    assert f'action="/seeds/{seed.pk}/back/"' in done.content.decode()
    assert operator.get(f"/seeds/{seed.pk}/").status_code == 404
    assert seed.name in operator.get("/seeds/deleted/").content.decode()
    factories.make_seed(seed.name)
    back = operator.post(f"/seeds/{seed.pk}/back/", follow=True)
    assert back.redirect_chain == [(f"/seeds/{seed.pk}/", 302)]
    restored = Seed.objects.get(pk=seed.pk)
    assert (restored.name, restored.deleted_at) == (f"{seed.name} 2", None)
    assert restored.next_slot is None or restored.next_slot > timezone.now()
    again = operator.post(f"/seeds/{seed.pk}/back/", follow=True)
    assert "cannot be brought back" in again.content.decode()


def test_after_a_day_a_deletion_is_final(operator: Client):
    seed = factories.make_seed("Old", deleted_at=timezone.now() - timedelta(hours=24, minutes=1))
    assert "Old" not in operator.get("/seeds/deleted/").content.decode()
    operator.post(f"/seeds/{seed.pk}/back/")
    assert not Seed.objects.alive().exists()


def test_who_changed_what_is_kept_and_shown_without_secrets(client: Client):
    user = factories.log_in(client, "operator", is_staff=True)
    send(client, headers="X-Key: first")
    seed = Seed.objects.get()
    url = f"/seeds/{seed.pk}/edit/"
    send(client, url, name=seed.name, headers="X-Key: second-secret", max_depth="2", every="12")
    client.post(
        reverse("admin:catalog_seed_change", args=[seed.pk]),
        SENT | {"name": "Tea", "start_urls": "https://a.example"},
    )
    client.post(f"/seeds/{seed.pk}/pause/")
    client.post(f"/seeds/{seed.pk}/delete/")
    client.post(f"/seeds/{seed.pk}/back/")
    edits = list(SeedEdit.objects.order_by("pk"))
    assert [(edit.kind, edit.means) for edit in edits] == [
        ("created", "site"), ("changed", "site"), ("changed", "admin"), ("changed", "site"),
        ("deleted", "site"), ("restored", "site"),
    ]  # fmt: skip
    assert {edit.person for edit in edits} == {user}
    assert (edits[1].before, edits[1].after) == (
        {"headers": ["X-Key"], "max_depth": None, "interval_seconds": 21600},
        {"headers": ["X-Key"], "max_depth": 2, "interval_seconds": 43200},
    )
    assert edits[3].after == {"enabled": False}
    shown = " ".join(unescape(client.get(f"/seeds/{seed.pk}/").content.decode()).split())
    assert "Links deep</dt> <dd> <del>nothing</del> → <ins>2</ins>" in shown
    assert "in the admin changed it" in shown
    kept = shown + str([(edit.before, edit.after) for edit in edits])
    assert "first" not in str(edits[0].after) and "second-secret" not in kept and "sealed:" not in kept


def test_a_command_is_written_down_too(operator: Client):
    seed = factories.make_seed(tags=["a"])
    seed.max_pages = 9
    seeds.save(seed, timezone.now())
    edit = SeedEdit.objects.get()
    assert (edit.means, edit.person, edit.after) == ("command", None, {"max_pages": 9})
    assert "Somebody by a command changed it" in " ".join(
        operator.get(f"/seeds/{seed.pk}/").content.decode().split()
    )
