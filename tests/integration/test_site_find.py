"""One page among a million is found by its whole URL at once, on the site and in the admin."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Page, Visit
from pipelines import archive
from tests import factories
from tests.factories import Got

pytestmark = pytest.mark.django_db
SITE = "http://shop.example"


@pytest.fixture
def admin(client: Client) -> Client:
    factories.log_in(client, None, is_staff=True, is_superuser=True)
    return client


@pytest.fixture(autouse=True)
def seeds(archive, monkeypatch):
    """Two seeds that have the same pages; a search looks at two rows before it asks."""
    monkeypatch.setattr("djsite.desk.read.keyset.SEARCHED", 2)
    for ignored in ("", "colour"):
        seed = factories.make_seed(ignore_params=ignored)
        factories.crawl(seed, [Got(f"{SITE}/{number}", title=f"No. {number}") for number in range(9)])


def titles(client: Client, **query: str) -> int:
    """How many pages the list shows."""
    return client.get(reverse("pages"), query).content.decode().count('class="main"')


@pytest.mark.parametrize("url", [f"{SITE}/0", f"{SITE}:80/0#part", "HTTP://SHOP.example/a/../0"])
def test_a_whole_url_is_found_however_it_is_spelt(admin, url):
    assert titles(admin, text=url) == 2


def test_each_seed_has_its_own_idea_of_a_url(admin):
    assert titles(admin, text=f"{SITE}/0?colour=red") == 1


def test_it_is_looked_for_in_the_chosen_seed_only(admin):
    assert titles(admin, text=f"{SITE}/0", seed=str(Page.objects.first().seed_id)) == 1


def test_other_texts_are_searched_as_before(admin):
    assert titles(admin, text="No. 8") == 2
    assert b"No page found so far" in admin.get(reverse("pages"), {"text": "ftp://shop"}).content
    assert b"No page found so far" in admin.get(reverse("pages"), {"text": f"{SITE}/none"}).content


@pytest.mark.parametrize(("model", "number"), [(Page, 2), (Visit, 2)])
def test_the_admin_finds_it_too(admin, model, number):
    address = reverse(f"admin:catalog_{model._meta.model_name}_changelist")
    assert f"{number} {model._meta.verbose_name}s" in admin.get(address, {"q": f"{SITE}/0"}).content.decode()
    assert f"0 {model._meta.verbose_name}s" in admin.get(address, {"q": "no address"}).content.decode()


@pytest.mark.parametrize("model", ["visit", "page", "run"])
def test_the_admin_sorts_by_no_column_without_an_index(admin, model):
    orders = set()
    for column in range(1, 9):
        with CaptureQueriesContext(connection) as queries:
            admin.get(reverse(f"admin:catalog_{model}_changelist"), {"o": f"{column}"})
        statements = [query["sql"] for query in queries if "ORDER BY" in query["sql"]]
        orders |= {statement.rpartition("ORDER BY")[2] for statement in statements}
    for name in ("url", "status", "state", "stored"):
        assert not any(f'"{name}"' in order for order in orders)


def test_a_body_that_was_moved_a_moment_ago_is_read_where_it_is_now(admin, monkeypatch):
    page = Page.objects.first()
    batch = page.latest.batch
    real = archive.read_body

    def moved(folder: str, offset: int, length: int) -> bytes:
        if folder == batch.folder:
            new = archive.new_folder(factories.NOW)
            archive.write_object(new, archive.SEGMENT, archive.read_object(folder, archive.SEGMENT))
            archive.delete_folder(folder)
            type(batch).objects.filter(pk=batch.pk).update(folder=new)
        return real(folder, offset, length)

    monkeypatch.setattr(archive, "read_body", moved)
    answer = admin.get(reverse("version-raw", args=[page.latest.pk]))
    assert answer.status_code == 200
    assert b"Some text." in b"".join(answer.streaming_content)
