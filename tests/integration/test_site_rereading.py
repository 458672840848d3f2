"""Reading stored pages again on the site: asked for, followed, looked at, and used or dropped."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Page, Record, Rereading, Seed
from crawler.outcomes import Reason
from pipelines.rereading import go_on, read_part
from tests import factories
from tests.factories import NOW, Got, crawl, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
DAY = timedelta(days=1)
PRODUCTS: dict[str, Any] = {
    "name": "products",
    "items": {"css": "li"},
    "key": ["sku"],
    "fields": [{"name": "sku", "css": "b"}, {"name": "price", "css": "i"}],
}
UNREAD = "3 stored pages were not read by the rules as they are now"


def items(**prices: str) -> str:
    return f"<ul>{''.join(f'<li><b>{sku}</b> <i>{price}</i></li>' for sku, price in prices.items())}</ul>"


@pytest.fixture
def seed() -> Seed:
    """Three pages of a shop in two runs, without rules; then somebody has written rules."""
    seed = make_seed("Shop", start_urls=f"{SITE}/", fields=[])
    pages = {"a": items(lamp="1", desk="2"), "b": items(chair="4"), "c": items(sofa="5")}
    crawl(seed, [Got(f"{SITE}/{name}", text=text) for name, text in pages.items()], at=NOW)
    crawl(seed, [Got(f"{SITE}/a", text=items(lamp="1", desk="3"))], at=NOW + DAY)
    return with_rules(seed, PRODUCTS)


def with_rules(seed: Seed, *collections: dict[str, Any]) -> Seed:
    seed.collections = list(collections)
    seed.save()
    return seed


def with_other_fields(seed: Seed) -> Seed:
    """The price is what no product has; the place is new."""
    fields = [{"name": "sku", "css": "b"}, {"name": "price", "css": "u"}, {"name": "cost", "css": "i"}]
    return with_rules(seed, {**PRODUCTS, "fields": fields, "pages": ["*/a", "*/b"]})


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator", first_name="Olga")
    return client


@pytest.fixture
def viewer() -> Client:
    client = Client()
    factories.log_in(client, "viewer")
    return client


def work(rereading: Rereading) -> Rereading:
    """What workers do."""
    for _ in range(50):
        more = go_on(rereading.pk, NOW + 2 * DAY)
        if not read_part(rereading.pk, NOW + 2 * DAY) and not more:
            break
    rereading.refresh_from_db()
    return rereading


def words(client: Client, url: str) -> str:
    """The text of a page, with single spaces."""
    answer = client.get(url)
    assert answer.status_code == 200
    return words_of(answer.content.decode())


def words_of(markup: str) -> str:
    return re.sub(r"(<[^>]*>|\s)+", " ", markup)


def ask(client: Client, seed: Seed, **form: str) -> Rereading:
    answer = client.post(reverse("seed-rereadings", args=[seed.pk]), form)
    rereading = Rereading.objects.latest("pk")
    assert answer["Location"] == address(rereading)
    return rereading


def address(rereading: Rereading, action: str = "") -> str:
    return reverse(f"seed-rereading{action}", args=[rereading.seed_id, rereading.pk])


def seed_page(seed: Seed) -> str:
    return reverse("seed", args=[seed.pk])


def used(client: Client, seed: Seed) -> Rereading:
    rereading = work(ask(client, seed))
    client.post(address(rereading, "-use"))
    return work(rereading)


def test_from_the_sentence_on_the_page_of_a_seed_to_values_that_are_used(operator: Client, seed: Seed):
    assert UNREAD in words(operator, seed_page(seed))
    rereading = ask(operator, seed)
    assert "versions of pages counted so far" in words(operator, address(rereading))
    assert "are being read again" in words(operator, seed_page(seed))
    work(rereading)
    assert "see what would change" in words(operator, seed_page(seed))
    page = words(operator, address(rereading))
    assert "so many records are changed 0 new 4 gone 0 as before 0 " in page
    assert not Record.objects.exists()
    operator.post(address(rereading, "-use"))
    assert "The values are being put in place" in words(operator, address(rereading))
    work(rereading)
    assert Record.objects.count() == 4
    assert "These values are in use." in words(operator, address(rereading))
    page = words(operator, seed_page(seed))
    assert "not read by the rules as they are now" not in page
    assert "Read stored pages again" in page
    history = words(operator, reverse("seed-rereadings", args=[seed.pk]))
    assert "used" in history and "by operator-" in history


def test_the_difference_says_which_values_and_where_they_are_from(operator: Client, seed: Seed):
    used(operator, seed)
    rereading = work(ask(operator, with_other_fields(seed)))
    page = words(operator, address(rereading))
    assert "so many records are changed 3 new 0 gone 1 as before 0 " in page
    lines = page.partition("Value vanishes")[2].partition("Changed, for example")[0]
    assert sorted(re.findall(r"(\w+) (\d+)", lines)) == [("cost", "3"), ("price", "4"), ("sku", "1")]
    assert "price 1 → nothing" in page and "cost nothing → 1" in page
    markup = operator.get(address(rereading)).content.decode()
    lamps = Page.objects.get(url=f"{SITE}/a")
    assert f'href="/pages/{lamps.pk}/"' in markup and f'href="/versions/{lamps.latest_id}/"' in markup


def test_values_that_are_dropped_leave_the_others_as_they_were(operator: Client, seed: Seed):
    used(operator, seed)
    before = list(Record.objects.order_by("pk").values("values", "gone_at"))
    rereading = work(ask(operator, with_other_fields(seed)))
    operator.post(address(rereading, "-drop"))
    work(rereading)
    assert list(Record.objects.order_by("pk").values("values", "gone_at")) == before
    page = words(operator, address(rereading))
    assert "The values stayed as they were." in page and "Use these values" not in page


def test_what_was_asked_used_and_dropped_is_in_the_history_of_the_seed(operator: Client, seed: Seed):
    used(operator, seed)
    operator.post(address(ask(operator, seed, since="2026-03-11"), "-drop"))
    notes = LogEntry.objects.filter(object_id=str(seed.pk)).order_by("pk")
    assert list(notes.values_list("change_message", flat=True)) == [
        "Stored pages are read again: all versions, by rule set 1",
        "The values that were read again are used: all versions, by rule set 1",
        "Stored pages are read again: since 2026-03-11, by rule set 1",
        "What was read again is dropped: since 2026-03-11, by rule set 1",
    ]


def test_who_only_looks_sees_it_all_and_changes_nothing(operator: Client, viewer: Client, seed: Seed):
    listing = reverse("seed-rereadings", args=[seed.pk])
    for url in (seed_page(seed), listing):
        assert f'action="{listing}' not in viewer.get(url).content.decode()
    rereading = work(ask(operator, seed))
    markup = viewer.get(address(rereading)).content.decode()
    assert "lamp" in markup and "Use these values" not in markup and "Drop them" not in markup
    for url in (listing, address(rereading, "-use"), address(rereading, "-drop")):
        assert viewer.post(url).status_code == 403
    rereading.refresh_from_db()
    assert rereading.state == Rereading.State.COMPARED


def test_it_says_how_far_it_is_and_looks_again(operator: Client, seed: Seed):
    rereading = ask(operator, seed)
    go_on(rereading.pk, NOW + 2 * DAY)
    rereading.parts.update(read=2)
    Rereading.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    markup = operator.get(address(rereading)).content.decode()
    assert re.search(r"2 of 4 versions of pages 0\.\d a second about \d+ s left", words_of(markup))
    (again,) = re.findall(r'hx-get="([^"]*)"', markup)
    again = again.replace("&amp;", "&")
    assert re.fullmatch(r"\?state=reading&mark=2-\d+", again)
    assert "HX-Refresh" not in operator.get(address(rereading) + again)
    work(rereading)
    assert operator.get(address(rereading) + again)["HX-Refresh"] == "true"
    assert "hx-trigger" not in operator.get(address(rereading)).content.decode()


def test_a_date_and_a_collection_are_asked_for(operator: Client, seed: Seed):
    with_rules(seed, PRODUCTS, {**PRODUCTS, "name": "others"})
    rereading = ask(operator, seed, since="2026-03-11", collection="others")
    assert (rereading.since, rereading.collection) == (NOW.replace(day=11, hour=0), "others")
    page = words(operator, address(rereading))
    assert "pages stored since 2026-03-11, values of others" in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"since": "yesterday"}, "Write a date such as 2026-03-31, or leave it empty for all."),
        ({"collection": "lamps"}, "The rules no longer have this collection. Choose another."),
    ],
)
def test_what_cannot_be_asked_for_is_said_beside_its_field(
    operator: Client, seed: Seed, form: dict[str, str], sentence: str
):
    with_rules(seed, PRODUCTS, {**PRODUCTS, "name": "others"})
    answer = operator.post(reverse("seed-rereadings", args=[seed.pk]), form)
    assert sentence in answer.content.decode()
    assert not Rereading.objects.exists()


def refused(client: Client, seed: Seed) -> str:
    listing = reverse("seed-rereadings", args=[seed.pk])
    assert client.post(listing)["Location"] == listing
    return words(client, listing)


def test_one_at_a_time_and_only_if_there_is_something_to_read(operator: Client, seed: Seed):
    rereading = ask(operator, seed)
    assert ask(operator, seed) == rereading
    with_other_fields(seed)
    assert "“Shop” is being read again already" in refused(operator, seed)
    operator.post(address(rereading, "-drop"))
    assert "Ask again in a moment." in refused(operator, seed)
    work(rereading)
    assert ask(operator, seed) != rereading
    assert "has no stored pages yet: run it first" in refused(operator, make_seed("Empty"))
    without = make_seed("Plain", start_urls=f"{SITE}/", fields=[])
    crawl(without, [Got(f"{SITE}/a")])
    assert "“Plain” has no rules" in refused(operator, without)
    assert "Read stored pages again" not in words(operator, seed_page(without))


def test_other_rules_meanwhile_are_said_and_the_values_are_not_used(operator: Client, seed: Seed):
    rereading = work(ask(operator, seed))
    seed_with_rules = with_other_fields(seed)
    refused(operator, seed_with_rules)
    page = words(operator, address(rereading))
    assert "its values cannot be used. Drop it, and read again." in page
    assert "Use these values" not in page
    answer = operator.post(address(rereading, "-use"), follow=True)
    assert "The rules of the seed have changed since" in answer.content.decode()


def test_what_could_not_be_read_is_named_with_the_reason(operator: Client, seed: Seed):
    rereading = work(ask(operator, seed))
    page = Page.objects.get(url=f"{SITE}/b")
    unread = [[page.latest_id, "not_in_archive"], [page.latest_id + 10**6, Reason.PARSER_KILLED]]
    rereading.parts.update(unread=unread)
    shown = words(operator, address(rereading))
    assert "its stored copy cannot be read from the archive 1 version" in shown
    assert "this page killed its parser and was set aside 1 version" in shown
    assert f"{SITE}/b of" in shown


def test_when_nobody_begins_it_says_where_to_look(operator: Client, seed: Seed):
    rereading = ask(operator, seed)
    assert "Nobody has begun" not in words(operator, address(rereading))
    Rereading.objects.update(created_at=NOW - DAY)
    assert "Nobody has begun to read." in words(operator, address(rereading))


def test_a_rereading_is_found_at_its_own_seed_only(operator: Client, seed: Seed):
    rereading = ask(operator, seed)
    other = make_seed("Other")
    assert operator.get(reverse("seed-rereading", args=[other.pk, rereading.pk])).status_code == 404
    Seed.objects.filter(pk=seed.pk).update(deleted_at=NOW)
    assert operator.get(address(rereading)).status_code == 404


def test_many_samples_cost_no_more_queries(operator: Client, seed: Seed, django_assert_num_queries: Any):
    few = work(ask(operator, seed))
    with django_assert_num_queries(14):
        operator.get(address(few))
    operator.post(address(few, "-drop"))
    work(few)
    many = {f"sku{number}": str(number) for number in range(40)}
    crawl(with_rules(seed), [Got(f"{SITE}/many", text=items(**many))], at=NOW + DAY * 1.5)
    rereading = work(ask(operator, with_rules(seed, PRODUCTS)))
    with django_assert_num_queries(14):
        operator.get(address(rereading))
