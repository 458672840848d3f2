"""From an alarm to repaired rules on the site, in three clicks: a worker proposes, a person takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.test import Client
from django.utils import timezone
from django_celery_results.models import TaskResult

from catalog.models import Coverage, Record, RuleSet, Run, Seed
from pipelines.changes.gone import compare_run
from pipelines.quality.measure import measure_run, settle_accepted
from scheduler import tasks
from tests import factories
from tests.fakeweb import FakeWeb
from tests.fakeweb.sites import SITES, FactSite
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
LISTS = 0  # the collection of the shop's lists


@pytest.fixture
def shop() -> Iterator[FactSite[Any]]:
    site = SITES["shop"](size=20)
    with FakeWeb(site) as web:
        site.base = web.url
        yield site


@pytest.fixture
def seed(shop: FactSite[Any], valkey: redis.Redis) -> Seed:
    """A seed whose site has another design since its second run."""
    starts = f"{shop.base}/list?page=1\n{shop.base}/list?page=2\n{shop.base}/picks"
    seed = factories.make_seed(
        "Lamps", start_urls=starts, schedule=Seed.Schedule.MANUAL, next_slot=None, fields=[], delay=0,
        allow_networks="127.0.0.0/8", collections=shop.collections("a")[:1], max_depth=0,
    )  # fmt: skip
    for design in "ab":
        shop.design = design
        run = crawl_seed(seed, valkey)
        measure_run(run.pk, timezone.now())
        compare_run(run.pk, timezone.now())
    return seed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """What workers are asked for."""
    orders: list[tuple[int, str]] = []

    def keep(*order: Any) -> str:
        orders.append(order)
        return f"key-{len(orders)}"

    monkeypatch.setattr("scheduler.dispatch.propose_rules", keep)
    return orders


def work(order: tuple[int, str], key: str = "key-1") -> None:
    """What a worker does, and the row that Celery writes of it."""
    result = json.dumps(tasks.propose_rules(*order))
    values = {"task_name": "propose_rules", "status": "SUCCESS", "result": result}
    TaskResult.objects.create(task_id=key, date_done=timezone.now(), **values)


def staff(client: Client) -> None:
    factories.log_in(client, "operator", is_staff=True)


def test_three_clicks_from_the_dashboard_to_rules_that_read_the_truth(
    client: Client, seed: Seed, shop: FactSite[Any], asked: list[tuple[int, str]], valkey: redis.Redis
) -> None:
    staff(client)
    before = dict(Record.objects.filter(gone_at=None).values_list("pk", "values"))
    dashboard = client.get("/").content.decode()
    assert f'href="/seeds/{seed.pk}/#coverage"' in dashboard
    assert "products: read on 0 of " in dashboard
    assert "reads much less than usual</a>" in dashboard
    page = client.get(f"/seeds/{seed.pk}/").content.decode()
    assert "Repair products" in page
    assert "The last good values are held until it is read again." in page
    assert "SK-000" in page, "a last good value"
    sent = client.post(f"/seeds/{seed.pk}/repair/", {"collection": "products"})
    assert sent["Location"].startswith(f"/seeds/{seed.pk}/repair/key-1/?since=")
    assert 'hx-trigger="every 1s"' in client.get(sent["Location"]).content.decode()
    work(asked[0])
    proposed = client.get(f"/seeds/{seed.pk}/repair/key-1/").content.decode()
    for part in (
        "data-anzeige",
        "column: Nummer",
        "On the new pages it gives the last good value",
        "Use this",
    ):
        assert part in proposed
    taken = client.post(f"/seeds/{seed.pk}/repair/key-1/", {"choice-price": "0"})
    assert taken["Location"] == f"/seeds/{seed.pk}/"
    assert RuleSet.objects.latest("pk").created_by is not None
    assert Run.objects.filter(seed=seed, state=Run.State.DUE).exists(), "a run reads with them"
    Run.objects.filter(state=Run.State.DUE).delete()
    seed.refresh_from_db()
    run = crawl_seed(seed, valkey)
    measure_run(run.pk, timezone.now())
    assert Coverage.objects.get(run=run).fallen == {}
    after = dict(Record.objects.filter(gone_at=None).values_list("pk", "values"))
    assert after == before, "the same things, with the same values"


def test_the_run_page_and_health_name_what_fell_and_its_pages(
    client: Client, seed: Seed, asked: list[tuple[int, str]]
) -> None:
    staff(client)
    run = Run.objects.latest("pk")
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "products: read on 0 of " in page
    assert "100 %" in page, "what is usual"
    assert re.search(r"/list\?page=\d</a>", page), "a page that shows it"
    assert "Repair products" not in page, "the seed is repaired, not a run"
    before = client.get(f"/runs/{run.pk - 1}/").content.decode()
    assert "3 of 3" in before
    assert ">fell<" not in before
    (told,) = client.get("/health/").json()["details"]["seeds"]
    assert (told["what"], told["run"]) == ("fell", run.pk)
    (fall,) = told["falls"]
    assert (fall["collection"], fall["field"]) == ("products", "")
    assert fall["since"]
    assert any("/list?page=" in url for url in fall["pages"])


def test_a_held_value_is_marked_in_the_table_of_records(
    client: Client, seed: Seed, shop: FactSite[Any], valkey: redis.Redis
) -> None:
    record = Record.objects.filter(gone_at=None).latest("pk")
    held = {"held_since": "2026-03-04T05:06:07+00:00", "snapshot": 1, "rule_set": 1}
    Record.objects.filter(pk=record.pk).update(problems={"price": held})
    staff(client)
    page = client.get(f"/records/?seed={seed.pk}").content.decode()
    assert page.count(">held</span>") == 1
    assert "2026-03-04 05:06:07" in page


def test_what_is_really_gone_is_held_no_more(
    client: Client, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff(client)
    sent: list[int] = []
    monkeypatch.setattr("scheduler.dispatch.settle_falls", sent.append)
    row = Coverage.objects.latest("pk")
    other = factories.make_seed("Desks")
    for pk, wanted in ((other.pk, row.pk), (seed.pk, "x"), (seed.pk, 10**18)):
        answer = client.post(f"/seeds/{pk}/gone/", {"coverage": wanted}, follow=True)
        assert "Nothing is held of that run any more." in answer.content.decode()
    assert not sent
    answer = client.post(f"/seeds/{seed.pk}/gone/", {"coverage": row.pk}, follow=True).content.decode()
    assert "What fell in products is held no more" in answer
    assert "fell, accepted" in answer
    assert "Repair products" not in answer
    settle_accepted(sent[0], timezone.now())
    assert not Record.objects.filter(gone_at=None).exists()
    assert "seeds" in client.get("/health/").json()["details"]
    assert client.get("/health/").json()["details"]["seeds"] == []


def test_rules_that_changed_meanwhile_are_not_overwritten(
    client: Client, seed: Seed, asked: list[tuple[int, str]]
) -> None:
    staff(client)
    client.post(f"/seeds/{seed.pk}/repair/", {"collection": "products"})
    work(asked[0])
    seed.collections[LISTS]["fields"].pop()
    seed.save()
    answer = client.post(f"/seeds/{seed.pk}/repair/key-1/")
    assert "The rules have changed since this was proposed" in answer.content.decode()
    assert Seed.objects.get(pk=seed.pk).collections == seed.collections


def test_proposals_are_shown_with_their_own_seed_alone(
    client: Client, seed: Seed, asked: list[tuple[int, str]]
) -> None:
    staff(client)
    client.post(f"/seeds/{seed.pk}/repair/", {"collection": "products"})
    work(asked[0])
    other = factories.make_seed("Desks")
    assert "for another seed" in client.get(f"/seeds/{other.pk}/repair/key-1/").content.decode()


def test_what_cannot_be_repaired_is_said(client: Client, seed: Seed, asked: list[tuple[int, str]]) -> None:
    staff(client)
    client.post(f"/seeds/{seed.pk}/repair/", {"collection": "no such"})
    work(asked[0])
    answer = client.get(f"/seeds/{seed.pk}/repair/key-1/").content.decode()
    assert "The seed has no such collection any more." in answer
