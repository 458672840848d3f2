"""A record on the site: its values over time, and where each of them stands in the stored page."""

from __future__ import annotations

import json

import pytest
import redis
from django.test import Client
from django_celery_results.models import TaskResult

from catalog.models import Batch, Record, RecordVersion, Seed
from pipelines import archive
from pipelines.receipts.receipts import receipt_of
from scheduler import tasks
from tests import factories
from tests.fakeweb import Answer, FakeWeb
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
TEAS = {
    "name": "teas",
    "items": {"css": "li"},
    "key": ["name"],
    "fields": [{"name": "name", "css": "b"}, {"name": "price", "css": "i", "type": "money", "locale": "de"}],
}


def page(price: str) -> Answer:
    return Answer(body=f"<ul><li><b>Assam</b> <i>{price}</i></li><li><b>Ceylon</b></li></ul>")


@pytest.fixture
def tea(web: FakeWeb, valkey: redis.Redis) -> Record:
    """A tea whose price was another at first."""
    seed = factories.make_web_seed(web, fields=[], collections=[TEAS], max_depth=0)
    for price in ("12,50 €", "9,90 €"):
        web.on("/", page(price))
        crawl_seed(seed, valkey)
    return Record.objects.get(values__name="Assam")


def ask(client: Client, record: Record, monkeypatch: pytest.MonkeyPatch, **form: int) -> str:
    """Ask for a receipt, do what the worker does, and look at the page that waits for it."""
    orders: list[tuple[int, int | None]] = []
    monkeypatch.setattr("scheduler.dispatch.look_up_receipt", lambda *order: orders.append(order) or "key-1")
    waiting = client.post(f"/records/{record.pk}/receipt/", form)["Location"]
    assert "The stored page is being read" in client.get(waiting).content.decode()
    result = json.dumps(tasks.look_up_receipt(*orders[0]))
    TaskResult.objects.create(task_id="key-1", task_name="look_up_receipt", status="SUCCESS", result=result)
    return client.get(waiting).content.decode()


def test_a_record_says_what_it_had_before_and_where(
    client: Client, tea: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.log_in(client, "viewer")
    shown = client.get(f"/records/{tea.pk}/").content.decode()
    assert "by rule set 1" in shown
    assert "<del>12.50 €</del>9.90 €" in shown
    earlier = RecordVersion.objects.get()
    before = ask(client, tea, monkeypatch, earlier=earlier.pk)
    assert "&lt;i&gt;12,50 €&lt;/i&gt;" in before
    assert "the same values" in before
    assert f"/versions/{earlier.snapshot_id}/" in before


def test_the_list_of_records_leads_to_each(client: Client, tea: Record) -> None:
    factories.log_in(client, "viewer")
    shown = client.get(f"/records/?seed={tea.seed_id}").content.decode()
    assert f'href="/records/{tea.pk}/"' in shown
    assert client.get("/records/0/").status_code == 404


def test_a_receipt_gives_the_bytes_in_the_archive(tea: Record) -> None:
    receipt = receipt_of(tea.pk)
    version = tea.page.latest
    assert version is not None
    body = archive.read_body(version.batch.folder, version.offset, version.length)
    price = receipt.values[1].sources[0]
    assert body[price.start : price.end].decode() == "<i>9,90 €</i>"
    assert receipt.read == tea.values


def test_what_is_not_kept_is_said(client: Client, tea: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.log_in(client, "viewer")
    archive.delete_folder(Batch.objects.get(snapshots=tea.snapshot_id).folder)
    assert "The stored page is not there" in ask(client, tea, monkeypatch)
    tea.page.snapshots.all().delete()
    assert "has been pruned" in receipt_of(tea.pk).problem
    assert client.get(f"/records/{tea.pk}/").status_code == 200
    Seed.objects.all().delete()
    assert receipt_of(tea.pk).problem


def test_a_receipt_is_shown_with_its_own_record_alone(
    client: Client, tea: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.log_in(client, "viewer")
    ask(client, tea, monkeypatch)
    other = Record.objects.get(values__name="Ceylon")
    shown = client.get(f"/records/{other.pk}/receipt/key-1/").content.decode()
    assert "of another record" in shown
    assert "Assam" not in shown


def test_a_record_without_a_key_is_found_by_its_position(web: FakeWeb, valkey: redis.Redis) -> None:
    seed = factories.make_web_seed(web, fields=[], collections=[{**TEAS, "key": []}], max_depth=0)
    web.on("/", page("3 €"))
    crawl_seed(seed, valkey)
    second = Record.objects.get(position=1)
    assert receipt_of(second.pk).read == {"name": "Ceylon", "price": None}
