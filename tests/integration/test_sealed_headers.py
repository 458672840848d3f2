"""Secret headers of seeds: sealed in the database, never shown, opened only to be sent."""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog import sealing
from catalog.models import Seed
from tests import factories
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.path import crawl_seed, outcomes

SECRET = "Bearer kept-for-nobody-else"
HEADERS = f"Authorization: {SECRET}\nX-Key: first\nX-Key: second"
PAIRS = (("Authorization", SECRET), ("X-Key", "first"), ("X-Key", "second"))


def in_database(seed: Seed) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT headers FROM catalog_seed WHERE id = %s", [seed.pk])
        return str(cursor.fetchone()[0])


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator")
    return client


@pytest.fixture
def key_file(settings, tmp_path: Path) -> Path:
    """The keys in a file of the data folder, as the embedded mode has them."""
    settings.SECRETS_KEYS = []
    settings.SECRETS_KEY_FILE = str(tmp_path / "secrets_key")
    sealing.write_keys([sealing.new_key()])
    return tmp_path / "secrets_key"


def form(client: Client, seed: Seed, **changes: str) -> dict[str, str]:
    """What a browser sends back from the form of a seed."""
    page = client.get(reverse("admin:catalog_seed_change", args=[seed.pk]))
    filled = {**page.context["adminform"].form.initial, "every": 1, "unit": "hours", "rules": ""}
    return {name: value for name, value in {**filled, **changes}.items() if value is not None}


def change(client: Client, seed: Seed, headers: str):
    return client.post(
        reverse("admin:catalog_seed_change", args=[seed.pk]), form(client, seed, headers=headers)
    )


@pytest.mark.every_database
@pytest.mark.django_db
def test_every_way_into_the_database_seals():
    seed = factories.make_seed(headers=HEADERS)
    Seed.objects.filter(pk=seed.pk).update(headers=HEADERS)
    assert Seed.objects.get(pk=seed.pk).header_pairs() == PAIRS
    bulk = Seed.objects.bulk_create([factories.new_seed("Bulk", headers=HEADERS)])[0]
    for row in (seed, bulk):
        text = in_database(row)
        assert "Bearer" not in text and "second" not in text and text.count(sealing.MARK) == 3
    before = in_database(seed)
    Seed.objects.get(pk=seed.pk).save()
    assert in_database(seed) == before


@pytest.mark.every_database
@pytest.mark.django_db
def test_a_dump_holds_no_secret_and_is_loaded_again():
    seed = factories.make_seed(headers=HEADERS)
    dump = io.StringIO()
    call_command("dumpdata", "catalog.seed", stdout=dump)
    assert "Bearer" not in dump.getvalue()
    Seed.objects.all().delete()
    for row in serializers.deserialize("json", dump.getvalue()):
        row.save()
    assert Seed.objects.get(pk=seed.pk).header_pairs() == PAIRS


@pytest.mark.django_db
def test_nobody_is_shown_a_value(operator: Client):
    seed = factories.make_seed(headers=HEADERS)
    locked = factories.make_seed("Locked", headers=HEADERS, allow_networks="10.0.0.0/8")
    for route in (
        reverse("seed", args=[seed.pk]),
        reverse("admin:catalog_seed_change", args=[seed.pk]),
        reverse("admin:catalog_seed_change", args=[locked.pk]),
        reverse("admin:catalog_seed_history", args=[seed.pk]),
    ):
        page = operator.get(route).content.decode()
        assert "Bearer" not in page and sealing.MARK not in page, route
        assert "Authorization" in page or "history" in route


@pytest.mark.django_db
def test_a_value_is_kept_until_somebody_writes_another(operator: Client):
    seed = factories.make_seed(headers=HEADERS)
    assert form(operator, seed)["headers"] == "Authorization: (kept)\nX-Key: (kept)\nX-Key: (kept)"
    assert change(operator, seed, form(operator, seed)["headers"]).status_code == 302
    seed.refresh_from_db()
    assert seed.header_pairs() == PAIRS
    change(operator, seed, "x-key: (kept)\nX-New: 1\nAuthorization: Bearer other")
    seed.refresh_from_db()
    assert seed.header_pairs() == (("X-Key", "first"), ("X-New", "1"), ("Authorization", "Bearer other"))
    change(operator, seed, "")
    seed.refresh_from_db()
    assert seed.headers == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ("Cookie: (kept)", "There is no value of &#x27;Cookie&#x27; to keep."),
        ("X-Key: sealed:gAAAA", "A value cannot begin with"),
    ],
)
def test_what_cannot_be_kept_is_told(operator: Client, headers: str, sentence: str):
    seed = factories.make_seed(headers="X-Key: first")
    assert sentence in change(operator, seed, headers).content.decode()


@pytest.mark.django_db
def test_without_a_key_the_form_says_what_to_do(operator: Client, settings, tmp_path: Path):
    seed = factories.make_seed(headers="")
    settings.SECRETS_KEYS, settings.SECRETS_KEY_FILE = [], str(tmp_path / "none")
    assert "Give one to every process" in change(operator, seed, "X-A: 1").content.decode()
    assert change(operator, seed, "").status_code == 302  # what needs no key goes on


@pytest.mark.django_db
def test_keys_are_rotated_in_the_data_folder(key_file: Path):
    seed = factories.make_seed(headers=HEADERS)
    before, key = in_database(seed), key_file.read_text()
    call_command("rotate_keys", stdout=io.StringIO())
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert key not in key_file.read_text() and len(key_file.read_text().split()) == 1
    assert in_database(seed) != before
    assert Seed.objects.get(pk=seed.pk).header_pairs() == PAIRS


@pytest.mark.django_db
def test_keys_are_rotated_in_the_environment(settings):
    seed = factories.make_seed(headers=HEADERS)
    settings.SECRETS_KEYS = ["n" * 40, *settings.SECRETS_KEYS]
    call_command("rotate_keys", stdout=io.StringIO())
    settings.SECRETS_KEYS = ["n" * 40]
    assert Seed.objects.get(pk=seed.pk).header_pairs() == PAIRS


@pytest.mark.django_db
def test_a_rotation_keeps_the_keys_while_a_seed_cannot_be_opened(key_file: Path):
    lost = factories.make_seed("Lost", headers=HEADERS)
    sealing.write_keys([sealing.new_key()])
    seed = factories.make_seed("Good", headers=HEADERS)
    with pytest.raises(CommandError, match="No key opens the secrets of: Lost"):
        call_command("rotate_keys", stdout=io.StringIO())
    assert len(key_file.read_text().split()) == 2
    assert Seed.objects.get(pk=seed.pk).header_pairs() == PAIRS
    with pytest.raises(sealing.SealingError, match="None of the keys opens"):
        Seed.objects.get(pk=lost.pk).header_pairs()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("archive")
def test_a_seed_that_no_key_opens_costs_no_other_seed_its_crawl(valkey, settings, caplog):
    with FakeWeb(linked_site(pages=3)) as web:
        lost = factories.make_web_seed(web, name="Lost", headers=HEADERS)
        plain = factories.make_web_seed(web, name="Plain")
        settings.SECRETS_KEYS = ["another" * 9]
        sealed = factories.make_web_seed(web, name="Sealed", headers=HEADERS)
        runs = [crawl_seed(seed, valkey) for seed in (lost, plain, sealed)]
    assert [run.stored for run in runs] == [0, 3, 3]
    assert set(outcomes(runs[0]).values()) == {("failed", "sealed_headers")}
    assert "None of the keys opens a secret." in runs[0].warnings[0]
    sent = {seen.headers.get("authorization") for seen in web.requests if seen.path != "/robots.txt"}
    assert sent == {None, SECRET}
    assert "Bearer" not in caplog.text and "Bearer" not in str(runs[0].warnings)


@pytest.mark.every_database
@pytest.mark.django_db
def test_what_an_earlier_release_kept_in_clear_is_sealed_and_can_go_back():
    seed, lines = factories.make_seed(), "Authorization: Bearer kept\nX-Key: first"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_seed SET headers = %s", [lines])
    migration = import_module("catalog.migrations.0006_sealed_headers")
    editor = SimpleNamespace(connection=connection)
    migration.seal(apps, editor)
    assert "Bearer" not in in_database(seed)
    assert Seed.objects.get(pk=seed.pk).header_pairs()[0] == ("Authorization", "Bearer kept")
    migration.unseal(apps, editor)
    assert in_database(seed) == lines
