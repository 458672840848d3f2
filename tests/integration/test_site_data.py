"""The page of data: what its address asks for is shown, kept and downloaded, and rubbish is said."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import KeptView, Promise, Record, Seed
from tests import factories
from tests.factories import Got, crawl, log_in, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
TEAS = {"Assam": 12.5, "Bancha": 9, "Ceylon": 100}


@pytest.fixture
def viewer(client: Client) -> Client:
    log_in(client, "viewer")
    return client


@pytest.fixture
def seed() -> Seed:
    fields = [{"name": "name", "css": "h1"}, {"name": "price", "css": ".p", "type": "number"}]
    seed = make_seed("Teas", fields=[*fields, {"name": "note", "css": "p"}])
    got = [Got(f"http://tea.test/{name}", fields={"name": name, "note": "cold" * 3}) for name in TEAS]
    crawl(seed, got)
    for record in Record.objects.all():
        record.values["price"] = TEAS[record.values["name"]]
        record.save(update_fields=["values"])
    return seed


def shown(client: Client, query: str) -> str:
    return client.get(f"{reverse('records')}?{query}", follow=True).content.decode()


def test_the_address_filters_sorts_and_chooses_columns(viewer: Client, seed: Seed) -> None:
    response = viewer.get(f"{reverse('records')}?seed={seed.pk}&price.lt=50&sort=-price&columns=price")
    assert [record.values["name"] for record in response.context["records"]] == ["Assam", "Bancha"]
    page = response.content.decode()
    assert 'aria-sort="descending"' in page
    assert "cold" not in page
    assert "price &lt; 50" in page


def test_a_form_leads_to_the_address_that_it_means(viewer: Client, seed: Seed) -> None:
    form = {"form": 1, "seed": seed.pk, "collection": "pages", "text": "", "changed_since": ""}
    form |= {
        "field": "price",
        "asked": "between",
        "value": "9..20",
        "column": ["name", "price"],
        "all_columns": 3,
    }
    response = viewer.get(reverse("records"), form)
    assert response.status_code == 302
    query = f"seed={seed.pk}&collection=pages&price.between=9..20&columns=name%2Cprice"
    assert response["Location"] == f"{reverse('records')}?{query}"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("price.lt=cheap", "price.lt: “cheap” is neither a number such as 12.5 nor a date"),
        ("price.between=3", "price.between: “3” is no range"),
        ("price.empty=perhaps", "price.empty: “perhaps” is neither yes nor no"),
        ("price.like=3", "price.like: no filter has this name"),
        ("colour=red", "colour: no filter has this name"),
        ("view=tree", "view: “tree” is neither latest nor versions"),
        ("changed_since=long", "changed_since: “long” is no time"),
        (
            "as_of=2020-01-01&changed_since=24h",
            "as_of: what changed since then is asked of how things are",
        ),
        ("view=versions&sort=price", "sort: all values that records had stay in the order of their time"),
        ("collection=none", "collection: Teas has no “none”"),
        ("text=" + "x" * 501, "text: it is longer than 500 characters"),
    ],
)
def test_rubbish_is_named_and_loses_nothing(viewer: Client, seed: Seed, query: str, sentence: str) -> None:
    page = shown(viewer, f"seed={seed.pk}&{query}")
    assert sentence in page.replace("&lt;", "<")


def test_a_size_of_a_text_is_explained(viewer: Client, seed: Seed) -> None:
    assert "name is read as text, which has no size" in shown(viewer, f"seed={seed.pk}&name.lt=5")


def test_the_file_is_exactly_what_is_shown(viewer: Client, seed: Seed) -> None:
    response = viewer.get(f"{reverse('records')}?seed={seed.pk}&price.lt=50&sort=price&columns=price,name")
    query = response.context["file"]
    lines = b"".join(viewer.get(f"{reverse('records-file', args=['jsonl'])}?{query}")).decode().splitlines()
    assert [json.loads(line)["fields"] for line in lines] == [
        {"price": 9, "name": "Bancha"},
        {"price": 12.5, "name": "Assam"},
    ]
    body = b"".join(viewer.get(f"{reverse('records-file', args=['csv-excel'])}?{query}")).decode()
    head = next(csv.reader(io.StringIO(body)))
    assert (body[0], head[-2:]) == ("\ufeff", ["field_price", "field_name"])
    assert viewer.get(f"{reverse('records-file', args=['csv'])}?{query}&price.lt=x").status_code == 404


def test_a_file_without_a_collection_has_that_which_is_shown(viewer: Client, seed: Seed) -> None:
    """And not the records of all, which no index has in order."""
    other = Record.objects.earliest("pk")
    other.pk, other.collection, other.values = None, "shops", {"name": "Elsewhere"}
    other.save()
    response = viewer.get(f"{reverse('records-file', args=['jsonl'])}?seed={seed.pk}")
    lines = b"".join(response).decode().splitlines()
    page = viewer.get(f"{reverse('records')}?seed={seed.pk}")
    names = [record.values["name"] for record in page.context["records"]]
    assert [json.loads(line)["fields"]["name"] for line in lines] == names
    assert sorted(names) == sorted(TEAS)


def test_of_a_list_with_details_the_details_are_shown_first(viewer: Client, seed: Seed) -> None:
    name = {"name": "name", "css": "b"}
    shelf = {"name": "a_list", "items": {"css": "li"}, "key": ["name"], "fields": [name]}
    Seed.objects.update(fields=[], collections=[shelf, {"name": "pages", "fields": seed.fields}])
    assert "12.5" in shown(viewer, f"seed={seed.pk}")


def test_whoever_has_the_link_of_a_kept_view_reads_its_file_as_it_is_now(viewer: Client, seed: Seed) -> None:
    query = f"seed={seed.pk}&price.lt=50&sort=price&columns=price,name"
    viewer.post(reverse("records-keep"), {"name": "Cheap", "query": query})
    page = reverse("kept-view", args=[KeptView.objects.get().pk])
    address = re.search(r"http://testserver(/files/[\w-]+\.csv)", viewer.get(page).content.decode())[1]
    stranger = Client()

    def prices(address: str) -> list[str]:
        body = b"".join(stranger.get(address)).decode()
        return [row["field_price"] for row in csv.DictReader(io.StringIO(body))]

    assert prices(address) == ["9", "12.5"]
    Record.objects.filter(values__price=9).update(values={"price": 60, "name": "Bancha"})
    assert prices(address) == ["12.5"]
    assert b"".join(stranger.get(address.replace(".csv", ".xlsx"))).startswith(b"PK")
    assert stranger.get(address.replace(".csv", ".warc")).status_code == 404
    viewer.post(page, {"action": "renew"})
    assert stranger.get(address).status_code == 404


def test_a_link_of_data_that_are_held_says_so_and_ends_with_the_account(viewer: Client, seed: Seed) -> None:
    query = f"seed={seed.pk}"
    assert "Keep this view" in shown(viewer, query)
    viewer.post(reverse("records-keep"), {"name": "All", "query": query})
    view, stranger = KeptView.objects.get(), Client()
    address = reverse("kept-file", args=[view.token, "csv"])
    values = {"deadline": "06:00", "broken_since": timezone.now(), "reasons": ["Only 3 of at least 10."]}
    Promise.objects.create(seed=seed, **values)
    held = stranger.get(address)
    assert (held.status_code, held["Content-Type"]) == (409, "text/plain; charset=utf-8")
    assert "Only 3 of at least 10." in held.content.decode()
    assert b"Assam" in b"".join(stranger.get(f"{address}?held=1"))
    assert stranger.get(reverse("feed", args=[view.token])).status_code == 404  # it is no view of changes
    User.objects.filter(pk=view.owner_id).update(is_active=False)
    assert stranger.get(f"{address}?held=1").status_code == 404


def test_a_view_is_kept_opened_and_deleted(viewer: Client, seed: Seed) -> None:
    query = f"seed={seed.pk}&collection=pages&price.lt=50"
    answer = viewer.post(reverse("records-keep"), {"name": "Cheap", "query": query}, follow=True)
    assert "The view “Cheap” is kept." in answer.content.decode()
    view = KeptView.objects.get()
    assert (view.page, view.query) == ("records", query)
    page = viewer.get(reverse("kept-view", args=[view.pk])).content.decode()
    assert "price &lt; 50" in page
    assert "Atom" not in page
    viewer.post(reverse("kept-view", args=[view.pk]), {"action": "delete"})
    assert not KeptView.objects.exists()


def test_what_is_held_says_so(viewer: Client, seed: Seed) -> None:
    mark = {"reason": "", "held_since": factories.NOW.isoformat()}
    Record.objects.filter(values__name="Assam").update(problems={"price": mark})
    assert shown(viewer, f"seed={seed.pk}").count(">held</span>") == 1


def test_without_data_it_says_why(client: Client) -> None:
    log_in(client, "operator")
    assert "Add a seed" in shown(client, "")
    seed = make_seed("Empty", fields=[])
    assert "It extracts no fields" in shown(client, f"seed={seed.pk}")
    Seed.objects.update(fields=[{"name": "a", "css": "b"}])
    assert "It has not run yet" in shown(client, f"seed={seed.pk}")


def test_a_record_is_called_by_its_name(viewer: Client, seed: Seed) -> None:
    Record.objects.update(key=["K-1"])
    page = viewer.get(reverse("record", args=[Record.objects.order_by("pk")[0].pk])).content.decode()
    assert "<h1>Assam</h1>" in "".join(line.strip() for line in page.splitlines())


def test_every_file_that_is_offered_can_be_had_and_raw_answers_are_none(viewer: Client, seed: Seed) -> None:
    page = shown(viewer, f"seed={seed.pk}")
    offered = re.findall(r'href="([^"]*/records/file[^"]*)"', page)
    assert offered
    for address in offered:
        answer = viewer.get(unescape(address))
        assert answer.status_code == 200, address
        assert answer.getvalue()
    assert not [address for address in offered if "warc" in address or "wacz" in address]
