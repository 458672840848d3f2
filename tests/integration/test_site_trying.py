"""Trying on the site: a worker fetches and reads, the page waits and shows; nothing of a stranger's runs."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from django_celery_results.models import TaskResult

from catalog.models import Page, Seed, Snapshot
from djsite.desk.trials import site as trials
from scheduler import tasks
from tests import factories
from tests.fakeweb import Answer, FakeWeb
from tests.harness.path import crawl_seed

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script>"
LIST = f"""<title>Teas &lt;b&gt;{EVIL.replace("<", "&lt;")}</title><h1>Teas</h1><ul>""" + "".join(
    f'<li class="product" data-sku="T{n}"><a href="/p/{n}">Tea of kind {n}</a>'
    f'<b class="price">{n},50 €</b></li>'
    for n in range(5)
)


@pytest.fixture
def shop():
    with FakeWeb() as web:
        web.on("/", Answer(body=LIST))
        yield web


@pytest.fixture
def sent(monkeypatch) -> list[tuple]:
    """What workers are asked to try."""
    asked: list[tuple] = []

    def keep(*order: object) -> str:
        asked.append(order)
        return f"key-{len(asked)}"

    monkeypatch.setattr("scheduler.dispatch.try_page", keep)
    return asked


def work(order: tuple, key: str = "key-1") -> None:
    """What a worker does, and the row that Celery writes of it."""
    result = tasks.try_page(*json.loads(json.dumps(order)))
    TaskResult.objects.create(
        task_id=key,
        task_name="try_page",
        status="SUCCESS",
        result=json.dumps(result),
        date_done=timezone.now(),
    )


def staff(client: Client) -> None:
    factories.log_in(client, "operator", is_staff=True)


def test_from_an_address_to_offers_rules_and_a_seed(client: Client, shop, sent):
    staff(client)
    asked = client.post("/try/", {"url": f"{shop.url}/", "networks": "127.0.0.0/8"})
    assert asked.status_code == 302
    assert asked["Location"].startswith("/try/key-1/?since=")
    assert sent == [(f"{shop.url}/", None, [], ["127.0.0.0/8"], None)]
    waiting = client.get(asked["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    work(sent[0])
    shown = client.get("/try/key-1/").content.decode()
    for part in (
        "A crawl would store this page",
        "Tea of kind 2",
        "2,50 €",
        "5 records",
        "Make a seed of this",
    ):
        assert part in shown, part
    assert EVIL not in shown
    link = re.search(r'href="(/try/\?url=[^"]*)"', shown)
    assert link is not None
    begun = client.get(html.unescape(link[1])).content.decode()
    assert f'value="{shop.url}/p/0"' in begun
    assert 'value="127.0.0.0/8"' in begun
    form = client.get("/seeds/new/", {"try": "key-1", "offer": "0"}).content.decode()
    assert f"{shop.url}/</textarea>" in form.replace("\n", "")
    assert not Page.objects.exists()
    assert not Snapshot.objects.exists()


def test_rules_that_are_written_show_what_they_match(client: Client, shop, sent):
    staff(client)
    rules = '{"name": "teas", "items": {"css": "li"}, "fields": [{"name": "price", "css": ".price"}]}'
    for text in ("price = .price\nnone = .nothing", rules):
        sent.clear()
        client.post("/try/", {"url": f"{shop.url}/", "networks": "127.0.0.0/8", "collections": text})
        TaskResult.objects.all().delete()
        work(sent[0])
        shown = client.get("/try/key-1/").content.decode()
        assert "0,50 €" in shown
        assert ("Its rule matches nothing here." in shown) is ("none" in text)


def test_a_seed_is_tried_by_its_rules(client: Client, shop, sent):
    seed = factories.make_seed(
        start_urls=f"{shop.url}/", allow_networks="127.0.0.0/8", fields=[{"name": "first", "css": ".price"}]
    )
    staff(client)
    assert f'value="{shop.url}/"' in client.get(f"/try/?seed={seed.pk}").content.decode()
    client.post("/try/", {"url": f"{shop.url}/", "seed": seed.pk})
    assert sent == [(f"{shop.url}/", seed.pk, [], [], None)]
    work(sent[0])
    assert "0,50 €" in client.get("/try/key-1/").content.decode()


def test_private_networks_are_for_staff_and_for_the_scope_of_a_seed(client: Client, shop, sent):
    seed = factories.make_seed(start_urls=f"{shop.url}/", allow_networks="127.0.0.0/8", scope="page")
    factories.log_in(client, "operator")
    assert "Networks that may be reached" not in client.get("/try/").content.decode()
    own = client.post("/try/", {"url": f"{shop.url}/", "networks": "127.0.0.0/8"}).content.decode()
    assert "is not on the public internet" in own
    beyond = client.post("/try/", {"url": f"{shop.url}/secret", "seed": seed.pk}).content.decode()
    assert "only staff try addresses outside of its scope" in beyond
    assert sent == []
    assert client.post("/try/", {"url": f"{shop.url}/", "seed": seed.pk}).status_code == 302


def item(number: int) -> str:
    return (
        f"<title>Tea of kind {number}</title><h1>Tea of kind {number}</h1><p class=price>{number},50 €</p>"
        f"<dl><dt>Number</dt><dd>T{number}</dd><dt>Origin</dt><dd>Assam{EVIL.replace('<', '&lt;')}</dd></dl>"
    )


@pytest.fixture
def with_items(shop):
    for number in range(5):
        shop.on(f"/p/{number}", Answer(body=item(number)))
    return shop


def both(client: Client, shop, sent) -> str:
    """The address of a list beside the page of its first item, after a worker's work."""
    client.post("/try/", {"url": f"{shop.url}/", "networks": "127.0.0.0/8"})
    work(sent[0])
    assert "Also read the page of each item" in client.get("/try/key-1/").content.decode()
    asked = client.post("/try/key-1/details/", {"offer": "0", "at": "0"})
    assert sent[1] == (f"{shop.url}/p/0", None, [], ["127.0.0.0/8"], None)
    assert "every 1s" in client.get(asked["Location"]).content.decode()
    work(sent[1], "key-2")
    return asked["Location"].partition("?")[0]


def test_a_list_and_the_page_of_each_item_become_one_seed(client: Client, with_items, sent):
    staff(client)
    address = both(client, with_items, sent)
    shown = client.get(address).content.decode()
    for part in ("products_details", "Assam", f"{with_items.url}/p/*", "Known by sku", "Save and run"):
        assert part in shown, part
    assert EVIL not in shown
    saved = client.post(address, {"take": "0"})
    seed = Seed.objects.get()
    assert saved["Location"] == f"/seeds/{seed.pk}/"
    page = client.get(saved["Location"]).content.decode()
    assert "All of it can be changed" in page
    assert "css: ::attr(data-sku)" in page
    of_list, of_items = seed.collections
    assert (of_list["pages"], of_list["key"]) == ([f"{with_items.url}/"], ["sku"])
    assert (of_items["pages"], of_items["key"]) == ([f"{with_items.url}/p/*"], ["number"])
    assert (seed.include.split(), seed.use_sitemaps) == ([*of_list["pages"], *of_items["pages"]], False)
    assert (seed.interval_seconds, seed.enabled) == (86_400, True)
    client.post(address, {"take": "0"})
    assert Seed.objects.filter(name=f"{seed.name} 2").exists(), "a name of its own"
    assert [seen.path for seen in with_items.requests if seen.path != "/robots.txt"] == ["/", "/p/0"]


def test_what_is_taken_of_a_list_with_details_can_be_changed_first(client: Client, with_items, sent):
    staff(client)
    address = both(client, with_items, sent)
    link = re.search(r'href="(/seeds/new/[^"]*take=0)"', client.get(address).content.decode())
    form = client.get(html.unescape(link[1])).content.decode()
    assert "products_details" in form
    assert re.search(r"id=\"id_include\"[^>]*>\s*" + re.escape(f"{with_items.url}/"), form)
    other = client.post("/try/key-1/details/", {"offer": "0", "at": "6"})
    assert sent[2][0] == f"{with_items.url}/p/1", "the items in turn"
    assert other.status_code == 302


def test_a_list_with_details_in_private_networks_is_for_staff(client: Client, with_items, sent):
    staff(client)
    address = both(client, with_items, sent)
    factories.log_in(client, "operator")
    refused = client.post("/try/key-1/details/", {"offer": "0", "at": "1"}, follow=True)
    assert "only staff may open" in refused.content.decode()
    assert len(sent) == 2
    assert client.post(address, {"take": "0"}).status_code == 403
    assert client.post("/try/key-1/details/", {"offer": "9", "at": "0"}).status_code == 404
    assert not Seed.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"url": ""}, "Write the address of a page"),
        ({"url": "http://"}, "errorlist"),
        ({"url": "https://a.test/", "collections": "{"}, "this is not JSON"),
        ({"url": "https://a.test/", "collections": "price"}, "is not a field"),
        ({"url": "https://a.test/", "networks": "x"}, "is not a network"),
    ],
)
def test_mistakes_stand_beside_their_field(client: Client, sent, given, sentence):
    staff(client)
    assert sentence in client.post("/try/", given).content.decode()
    assert sent == []


def test_no_answer_and_a_fault_are_said(client: Client):
    staff(client)
    assert "No answer came." in client.get("/try/none/?since=1").content.decode()
    TaskResult.objects.create(task_id="bad", task_name="try_page", status="FAILURE", result="{}")
    assert "the worker&#x27;s log says which" in client.get("/try/bad/").content.decode()
    TaskResult.objects.create(task_id="other", task_name="open_run", status="SUCCESS", result="{}")
    assert trials.answer("other") is None


def test_a_seed_whose_headers_nobody_can_open_asks_nobody(shop, settings):
    seed = factories.make_seed(start_urls=f"{shop.url}/", headers="Cookie: a=b", allow_networks="127.0.0.0/8")
    settings.SECRETS_KEYS = ["another-" + "z" * 50]
    assert tasks.try_page(f"{shop.url}/", seed.pk, [], [])["trial"]["verdict"] == "sealed_headers"
    assert shop.requests == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("archive")
def test_a_stored_version_is_tried_and_nobody_is_asked(client: Client, shop, sent, valkey):
    staff(client)
    seed = factories.make_web_seed(shop, max_depth=0)
    crawl_seed(seed, valkey)
    version = Snapshot.objects.get()
    shop.requests.clear()
    form = client.get(f"/try/?version={version.pk}").content.decode()
    assert f'<option value="{version.pk}" selected>' in form
    given = {"url": version.final_url, "seed": seed.pk, "collections": ""}
    for key, take in (("key-1", str(version.pk)), ("key-2", "stored")):
        client.post("/try/", {**given, "take": take})
        work(sent[-1], key)
        assert "Tea of kind 2" in client.get(f"/try/{key}/").content.decode()
    assert [order[-1] for order in sent] == [version.pk] * 2
    assert not shop.requests


def test_only_a_version_of_the_address_is_tried(client: Client, shop, sent):
    staff(client)
    factories.shop(rounds=1)
    version = Snapshot.objects.first()
    assert version is not None
    for take, url in ((str(version.pk), "http://other.test/"), ("stored", "http://other.test/")):
        refused = client.post("/try/", {"url": url, "collections": "", "take": take}).content.decode()
        assert "No such version of this address is stored" in refused
    assert "Select a valid choice" in client.post("/try/", {"url": url, "take": "99999"}).content.decode()
    assert not sent
