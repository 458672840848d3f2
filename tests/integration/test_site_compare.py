"""Two versions of a page beside each other, as its reader sees it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django_celery_results.models import TaskResult

from catalog.models import NoiseBlock, Page, Snapshot
from crawler.rules.keys import Keys
from scheduler import tasks
from tests.factories import NOW, Got, crawl, log_in, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
FILLER = (
    "It is grown on the hills and dried in the sun, as it has been for a hundred years or more, by people "
)
FILLER += "who know each leaf by its name and each hill by its wind. "


@pytest.fixture
def page(client: Client) -> Page:
    log_in(client, "viewer")
    seed = make_seed("Tea")
    for hour, price in enumerate(("12.50", "9.90", "9.90")):
        text = f"Assam costs {price} EUR a pack. {FILLER * 2}{'Sold out!' if hour == 1 else 'In stock.'}"
        links = (f"{SITE}/", f"{SITE}/offer") if hour else (f"{SITE}/",)
        got = Got(f"{SITE}/assam", title="Assam", text=text, links=links, fields={"price": f"{price} EUR"})
        crawl(seed, [got], at=NOW + timedelta(hours=hour))
    return Page.objects.get()


def words(client: Client, page: Page, **query: Any) -> str:
    """The page in words; what is gone in brackets, what is new in braces."""
    answer = client.get(f"/pages/{page.pk}/compare/", {"view": "inline", **query})
    assert answer.status_code == 200
    marked = re.sub(r"<del>(.*?)</del>", r"[\1]", answer.content.decode(), flags=re.S)
    marked = re.sub(r"<ins>(.*?)</ins>", r"{\1}", marked, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", marked)).split())


def test_any_two_versions_are_compared_by_words_fields_and_links(client: Client, page: Page) -> None:
    first, second, third = Snapshot.objects.order_by("pk").values_list("pk", flat=True)
    told = words(client, page, **{"from": first, "to": second})
    assert "Assam costs [12.50 ]{9.90 }EUR a pack." in told
    assert "[In stock.]{Sold out!}" in told
    assert re.search(r"… \d+ words …", told)
    assert "price [12.50 EUR]9.90 EUR" in told
    assert f"New links1 {{{SITE}/offer}}" in told
    assert told == words(client, page, **{"from": second, "to": first})
    assert "[In stock.]" not in words(client, page, **{"from": first, "to": third})


def test_without_a_choice_the_latest_is_compared_with_the_one_before(client: Client, page: Page) -> None:
    assert "[Sold out!]{In stock.}" in words(client, page)
    second = Snapshot.objects.order_by("pk")[1].pk
    assert "[In stock.]{Sold out!}" in words(client, page, to=second)
    listed = client.get(f"/pages/{page.pk}/").content.decode()
    assert listed.count("compare with the one before") == 2


def test_side_by_side_each_side_has_its_own_words(client: Client, page: Page) -> None:
    told = words(client, page, view="side")
    assert "[Sold out!]" in told
    assert "{In stock.}" in told
    both = client.get(f"/pages/{page.pk}/compare/").content.decode()
    assert "if-wide" in both
    assert "if-narrow" in both


def test_what_readers_do_not_see_is_in_the_source_only(client: Client, page: Page) -> None:
    first, _, third = Snapshot.objects.order_by("pk")
    Snapshot.objects.filter(pk=third.pk).update(text_zstd=first.text_zstd, outlinks_zstd=first.outlinks_zstd)
    Snapshot.objects.filter(pk=first.pk).update(title="Assam")
    query = {"from": first.pk, "to": third.pk}
    source = client.get(f"/pages/{page.pk}/compare/source/", query).content.decode()
    assert "<del><pre>" in source
    assert "12.50 EUR" in source
    page.seed.rule_sets.all().delete()
    page.snapshots.get(pk=first.pk).readings.all().delete()
    assert "Readers see no difference" in words(client, page, **query)


def test_of_one_version_it_is_said_and_what_is_none_is_not_found(client: Client, page: Page) -> None:
    other = make_seed("Other")
    crawl(other, [Got("http://other.example/")], at=NOW)
    alone = Page.objects.get(seed=other)
    assert "There is one version only" in words(client, alone)
    for wrong in ({"to": alone.latest_id}, {"from": "x"}, {"from": page.latest_id, "to": page.latest_id}):
        assert client.get(f"/pages/{page.pk}/compare/", wrong).status_code == 404


def test_a_body_that_is_gone_is_said(client: Client, page: Page) -> None:
    Snapshot.objects.update(digest="0" * 64)
    source = client.get(f"/pages/{page.pk}/compare/source/").content.decode()
    assert "the stored body is damaged" in source


def test_texts_of_strangers_are_texts(client: Client, page: Page) -> None:
    evil = "<script>alert(1)</script>"
    crawl(page.seed, [Got(page.url, title=evil, text=evil)], at=NOW + timedelta(days=1))
    for route in ("compare/", "compare/source/"):
        assert evil not in client.get(f"/pages/{page.pk}/{route}").content.decode()


def test_what_changes_by_itself_is_left_out_by_a_worker_that_reads_both_again(
    client: Client, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.seed.noise = "counters"
    page.seed.save()
    template = next(iter(Keys.of(page.seed.policy()).templates(page.url)))
    page.seed.noise_blocks.create(
        template=template, example_url=page.url, selector=".ads", state=NoiseBlock.State.LEFT_OUT
    )
    for hour, views in ((5, 17), (6, 30)):
        text = f"<i class=ads>Buy {views}</i> {views} views. {'Old' if hour == 5 else 'New'} words."
        crawl(page.seed, [Got(page.url, title="Assam", text=text)], at=NOW + timedelta(hours=hour))
    orders: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "scheduler.dispatch.compare_without_noise", lambda *order: orders.append(order) or "key-1"
    )
    waiting = client.post(f"/pages/{page.pk}/compare/without-noise/")["Location"]
    assert "Both versions are being read" in client.get(waiting).content.decode()
    result = json.dumps(tasks.compare_without_noise(*orders[0]))
    TaskResult.objects.create(
        task_id="key-1", task_name="compare_without_noise", status="SUCCESS", result=result
    )
    told = words(client, page, without_noise="key-1")
    assert ". [Old ]{New }words." in told
    assert "Buy" not in told
    second = Snapshot.objects.order_by("pk")[1].pk
    assert "This answer is of other versions." in words(client, page, without_noise="key-1", to=second)
