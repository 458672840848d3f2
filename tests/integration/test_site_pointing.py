"""Pointing at a page on the site: a rendering that cannot act, and steps from a click to a seed's rules."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from django_celery_results.models import TaskResult

from djsite.browse.views.trying.pointing import SANDBOX
from scheduler import tasks
from tests import factories
from tests.fakeweb import Answer, FakeWeb

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]

LIST = "<title>Teas</title><h1>Teas</h1><ul>" + "".join(
    f'<li class="product" data-sku="T{n}"><a href="/p/{n}">Tea of kind {n}</a>'
    f'<b class="price">{n},50 €</b></li>'
    for n in range(5)
)


class Worker:
    """Does at once what the site asks of workers, and writes the rows that Celery writes."""

    def __init__(self) -> None:
        self.done = 0

    def _work(self, name: str, *args: object) -> str:
        self.done += 1
        result = getattr(tasks, name)(*json.loads(json.dumps(args)))
        key = f"{name.replace('_', '-')}-{self.done}"
        row = {"task_name": name, "status": "SUCCESS", "date_done": timezone.now()}
        TaskResult.objects.create(task_id=key, result=json.dumps(result), **row)
        return key

    def try_page(self, *args: object) -> str:
        return self._work("try_page", *args)

    def point_at(self, *args: object) -> str:
        return self._work("point_at", *args)


@pytest.fixture
def shop():
    with FakeWeb() as web:
        web.on("/", Answer(body=LIST))
        yield web


@pytest.fixture
def staff(client: Client, monkeypatch) -> Client:
    worker = Worker()
    monkeypatch.setattr("scheduler.dispatch.try_page", worker.try_page)
    monkeypatch.setattr("scheduler.dispatch.point_at", worker.point_at)
    factories.log_in(client, "operator", is_staff=True)
    return client


def begin(client: Client, shop: FakeWeb, **given: object) -> str:
    """Try the page and begin to point at it; the address of the first step."""
    tried = client.post("/try/", {"url": f"{shop.url}/", "networks": "127.0.0.0/8", **given})
    key = tried["Location"].split("/")[2]
    return step(client, f"/try/{key}/point/")


def step(client: Client, address: str, **query: object) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 302
    return answer["Location"].partition("?")[0]


def number_of(client: Client, address: str, text: str) -> str:
    """The number of the element with a text, as its link in the rendering says it."""
    page = client.get(address.replace("/point/", "/page/")).content.decode()
    return re.search(rf'at=(\d+)" target="_top">{text}<', page)[1]


def test_from_a_click_to_a_list_with_fields_and_a_seed(staff: Client, shop):
    at = begin(staff, shop)
    at = step(staff, at, at=number_of(staff, at, "2,50 €"))
    shown = staff.get(at).content.decode()
    assert 'name="items" value="li.product"' in shown
    assert "5 on this page" in shown
    at = step(staff, at, items="li.product", name="teas")
    shown = staff.get(at).content.decode()
    assert 'name="field" value=".price"' in shown
    assert "in 5 of 5 items" in shown
    at = step(staff, at, field=".price", name="price", type="money")
    shown = staff.get(at).content.decode()
    assert "5 records" in shown
    assert "4.50" in shown
    at = step(staff, at, fill="1")
    shown = staff.get(at).content.decode()
    assert "Key: sku" in shown
    assert "Tea of kind 3" in shown
    at = step(staff, at, drop="url")
    form = staff.get("/seeds/new/", {"try": at.split("/")[2]}).content.decode()
    assert "li.product" in form
    assert "teas" in form
    assert len(shop.requests) == 2, "robots.txt and the page, once"


def test_rules_are_counted_on_stored_pages_of_the_same_kind(staff: Client, shop):
    got = [factories.Got(f"{shop.url}/{name}", text=LIST) for name in ("coffee", "mate")]
    factories.crawl(factories.make_seed(start_urls=f"{shop.url}/"), got)
    at = begin(staff, shop)
    at = step(staff, at, at=number_of(staff, at, "2,50 €"))
    shown = " ".join(staff.get(at).content.decode().split())
    assert "10 on 2 of 2 stored pages of this kind" in shown


def test_the_collection_is_added_to_the_seed_by_which_the_page_was_tried(staff: Client, shop):
    seed = factories.make_seed(
        start_urls=f"{shop.url}/",
        allow_networks="127.0.0.0/8",
        collections=[{"name": "old", "fields": [{"name": "title", "css": "h1"}]}],
    )
    at = begin(staff, shop, seed=seed.pk)
    at = step(staff, step(staff, at, items="li.product", name="teas"), fill="1")
    address = f"/seeds/{seed.pk}/edit/"
    assert address in staff.get(at).content.decode()
    form = staff.get(address, {"try": at.split("/")[2]}).content.decode()
    assert "&quot;old&quot;" in form
    assert "&quot;teas&quot;" in form


def test_a_bad_name_is_said_and_loses_nothing(staff: Client, shop):
    at = step(staff, begin(staff, shop), items="li.product", name="teas")
    answer = staff.get(at, {"field": ".price", "name": "the price"})
    assert "cannot be a field" in answer.content.decode()
    assert "li.product" in answer.content.decode()
    bad = step(staff, at, items="li[", name="teas")
    assert "cannot be read" in staff.get(bad).content.decode()


def test_the_rendering_is_a_sandbox_by_its_own_policy(staff: Client, shop):
    at = begin(staff, shop)
    answer = staff.get(at.replace("/point/", "/page/"))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith(f"sandbox {SANDBOX}")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    around = staff.get(at)
    assert "frame-src 'self'" in around["Content-Security-Policy"]
    assert f'sandbox="{SANDBOX}"' in around.content.decode()
    assert staff.get("/try/none/page/").status_code == 404


def test_what_is_no_markup_cannot_be_pointed_at(staff: Client, shop):
    shop.on("/", Answer(body='{"a": 1}', headers=(("Content-Type", "application/json"),)))
    assert "nothing to point at" in staff.get(begin(staff, shop)).content.decode()
