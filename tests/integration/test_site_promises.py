"""Promises on the site: made, changed and ended by a form, and what a broken one keeps from going out."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Channel, Export, Promise, Seed
from console.commands.export import wanted
from embedded.errors import UsageError
from pipelines.export.rows import rows_of_export
from tests.factories import log_in, make_seed, shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
REASON = "Only 3 of at least 500 pages."
BOXES = {"deadline": "08:15", "time_zone": "Europe/Berlin", "weekdays": ["0", "4"], "least": "500"}


@pytest.fixture
def seed() -> Seed:
    return shop(rounds=1)


@pytest.fixture
def operator(client: Client) -> Client:
    log_in(client, "operator")
    return client


def broken(seed: Seed, **values: Any) -> Promise:
    since = timezone.now() - timedelta(hours=1)
    wrong = {"deadline": "08:15", "broken_since": since, "reasons": [REASON]}
    return Promise.objects.create(seed=seed, **(wrong | values))


def page(client: Client, seed: Seed) -> str:
    return client.get(reverse("seed-promises", args=[seed.pk])).content.decode()


def test_a_promise_is_made_changed_and_ended(operator: Client, seed: Seed) -> None:
    channel = Channel.objects.create(name="Data team", kind="mail")
    url = reverse("seed-promises", args=[seed.pk])
    switches = {"as_complete": "on", "hold_exports": "on", "enabled": "on"}
    assert operator.post(url, {**BOXES, **switches, "channels": [channel.pk]}).status_code == 302
    words = (
        "By 08:15 Europe/Berlin on Monday, Friday at least 500 pages or records, each field as complete as "
        "usual, else tell Data team and hold the exports"
    )
    assert words in page(operator, seed)
    promise = Promise.objects.get()
    assert promise.next_due_at is not None
    assert promise.owner is not None
    one = reverse("seed-promise", args=[seed.pk, promise.pk])
    assert 'value="08:15"' in operator.get(one).content.decode()
    operator.post(one, {**BOXES, "least": "", "weekdays": list("0123456"), "enabled": "on"})
    words = "By 08:15 Europe/Berlin as many pages or records as usual, else show it here"
    assert words in page(operator, seed)
    operator.post(reverse("seed-promise-delete", args=[seed.pk, promise.pk]))
    assert "Nothing is promised of this seed yet" in page(operator, seed)


@pytest.mark.parametrize(
    ("box", "value", "sentence"),
    [
        ("deadline", "soon", "Write a time such as 08:15."),
        ("time_zone", "Berlin", "is not a time zone. Write one like Europe/Berlin, or UTC."),
        ("weekdays", [], "Choose at least one day."),
        ("least", "many", "Write a number such as 500, or leave it empty: as many as usual."),
    ],
)
def test_what_cannot_be_promised_is_said(
    operator: Client, seed: Seed, box: str, value: Any, sentence: str
) -> None:
    answer = operator.post(reverse("seed-promises", args=[seed.pk]), {**BOXES, box: value})
    assert sentence in answer.content.decode()
    assert not Promise.objects.exists()


def test_a_broken_promise_shows_and_holds_downloads_until_somebody_wants_them(
    client: Client, seed: Seed
) -> None:
    log_in(client, "viewer")
    broken(seed)
    other = make_seed("Other")
    assert REASON in page(client, seed)
    assert REASON in client.get(reverse("seed", args=[seed.pk])).content.decode()
    address = reverse("download", args=["pages", "csv"])
    for query in ({"seed": seed.pk}, {"run": seed.runs.get().pk}, {}):
        answer = client.get(address, query)
        assert answer.status_code == 409
        assert REASON in answer.content.decode()
        assert client.get(address, {**query, "held": "1"}).status_code == 200
    assert client.get(address, {"seed": other.pk}).status_code == 200


@pytest.mark.parametrize(
    "values", [{"hold_exports": False}, {"enabled": False}, {"broken_since": None}], ids=str
)
def test_what_holds_nothing(client: Client, seed: Seed, values: dict[str, Any]) -> None:
    log_in(client, "viewer")
    broken(seed, **values)
    assert client.get(reverse("download", args=["pages", "csv"]), {"seed": seed.pk}).status_code == 200


def test_a_file_is_made_of_held_data_only_if_that_is_ticked(operator: Client, seed: Seed) -> None:
    broken(seed)
    wish = {"kind": "pages", "format": "csv", "seed": seed.pk}
    assert REASON in operator.post(reverse("exports"), wish).content.decode()
    assert not Export.objects.exists()
    assert operator.post(reverse("exports"), {**wish, "held": "on"}).status_code == 302
    assert Export.objects.count() == 1


def test_the_command_line_asks_for_held_too(seed: Seed) -> None:
    broken(seed)
    options = {
        "seed": seed.name,
        "run": None,
        "unfinished": False,
        "kind": "pages",
        "all": False,
        "as_of": None,
    }
    with pytest.raises(UsageError, match=r"is held since .* give --held"):
        wanted(argparse.Namespace(**options, held=False), "jsonl")
    assert list(rows_of_export(wanted(argparse.Namespace(**options, held=True), "jsonl")))
