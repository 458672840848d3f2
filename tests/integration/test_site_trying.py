"""Trying on the site: a worker fetches and reads, the page waits and shows; nothing of a stranger's runs."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone
from django_celery_results.models import TaskResult

from catalog.models import Page, Snapshot
from djsite.desk.trials import site as trials
from scheduler import tasks
from tests import factories
from tests.fakeweb import Answer, FakeWeb

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
    assert sent == [(f"{shop.url}/", None, [], ["127.0.0.0/8"])]
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
    form = client.get("/admin/catalog/seed/add/", {"try": "key-1", "offer": "0"}).content.decode()
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
    assert sent == [(f"{shop.url}/", seed.pk, [], [])]
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
