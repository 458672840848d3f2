"""Downloads hold exactly the rows that the site shows, and are harmless to open."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalog.models import Export, Page, Record, Run, Seed
from crawler.outcomes import Outcome
from djsite import asgi
from pipelines.export import make_export
from tests import factories
from tests.factories import Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]


@pytest.fixture
def viewer(client: Client) -> Client:
    factories.log_in(client, "viewer")
    return client


def body(client: Client, kind: str, form: str, **query) -> str:
    response = client.get(reverse("download", args=[kind, form]), query)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response.streaming
    return b"".join(response.streaming_content).decode()


def jsonl(client: Client, kind: str, **query) -> list[dict]:
    return [json.loads(line) for line in body(client, kind, "jsonl", **query).splitlines()]


def test_pages_of_a_seed_are_those_of_the_list(viewer: Client):
    seed = factories.shop(rounds=3)
    factories.crawl(factories.make_seed(), [Got("http://other.example/")])
    listed = viewer.get(reverse("pages"), {"seed": seed.pk}).content.decode()
    rows = jsonl(viewer, "pages", seed=seed.pk)
    assert len(rows) == listed.count('class="main"') == 12
    assert all(row["url"] in listed and row["title"] in listed for row in rows)
    assert len(jsonl(viewer, "pages")) == 13


def test_pages_of_a_run_are_its_stored_and_unchanged_visits(viewer: Client):
    factories.shop(rounds=2)
    run = Run.objects.order_by("-id").first()
    rows = jsonl(viewer, "pages", run=run.pk)
    assert len(rows) == run.stored + run.unchanged
    assert {row["outcome"] for row in rows} == {"stored", "unchanged"}


def test_records_of_a_seed_are_those_of_the_table(viewer: Client):
    seed = factories.shop(rounds=2)
    rows = jsonl(viewer, "records", seed=seed.pk)
    table = viewer.get(reverse("records"), {"seed": seed.pk}).content.decode()
    assert len(rows) == Record.objects.count() == len(re.findall(r'class="main"', table))
    assert all(row["fields"]["price"] in table for row in rows)


def test_csv_has_the_same_rows(viewer: Client):
    seed = factories.shop(rounds=2)
    rows = list(csv.DictReader(io.StringIO(body(viewer, "records", "csv", seed=seed.pk))))
    assert [row["field_price"] for row in rows] == [
        row["fields"]["price"] for row in jsonl(viewer, "records", seed=seed.pk)
    ]


def test_a_spreadsheet_runs_nothing(viewer: Client):
    seed = factories.make_seed()
    title = "=HYPERLINK(1)"
    factories.crawl(
        seed, [Got("http://shop.example/", title=title, fields={"name": "@SUM(1)", "price": "-1.50"})]
    )
    row = next(csv.DictReader(io.StringIO(body(viewer, "pages", "csv", seed=seed.pk))))
    assert row["title"] == "'" + title
    assert row["field_name"] == "'@SUM(1)"
    assert row["field_price"] == "-1.50"


@pytest.mark.parametrize(
    "query", [{"seed": "999"}, {"run": "999"}, {"seed": "x"}, {"run": "1;2"}, {"seed": "-1"}]
)
def test_what_is_not_there_is_not_everything(viewer: Client, query: dict[str, str]):
    factories.shop(rounds=1)
    assert viewer.get(reverse("download", args=["pages", "jsonl"]), query).status_code == 404


@pytest.mark.parametrize("name", ["pages.exe", "users.csv", "visits.jsonl", "pages.CSV"])
def test_other_kinds_and_forms_do_not_exist(viewer: Client, name: str):
    assert viewer.get(f"/download/{name}").status_code == 404


def test_file_names_are_ours(viewer: Client):
    seed = factories.make_seed('../../x"\r\nSet-Cookie: a=b')
    response = viewer.get(reverse("download", args=["pages", "csv"]), {"seed": seed.pk})
    assert response["Content-Disposition"] == 'attachment; filename="pages-x-set-cookie-ab.csv"'


def test_a_file_is_made_in_the_background(viewer: Client):
    seed = factories.shop(rounds=1)
    answer = viewer.post(
        reverse("exports"), {"kind": "pages", "format": "jsonl", "seed": seed.pk, "every_outcome": "on"}
    )
    assert answer["Location"] == reverse("exports")
    export = Export.objects.get()
    assert export.created_by.username.startswith("viewer")
    waiting = viewer.get(reverse("exports")).content.decode()
    assert "hx-trigger" in waiting and "waiting" in waiting
    assert viewer.get(reverse("export-file", args=[export.pk])).status_code == 404
    make_export(export.pk, factories.NOW)
    done = viewer.get(reverse("exports")).content.decode()
    assert "Each is deleted 30 days after it was made." in done
    assert "hx-trigger" not in done and reverse("export-file", args=[export.pk]) in done
    response = viewer.get(reverse("export-file", args=[export.pk]))
    rows = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert len(rows) == 16
    assert response["Content-Disposition"] == f'attachment; filename="pages-corner-shop-{export.pk}.jsonl"'


def test_an_export_that_failed_says_why(viewer: Client):
    Export.objects.create(kind="pages", format="csv", state="failed", error="no space is left")
    page = viewer.get(reverse("exports")).content.decode()
    assert "no space is left" in page
    assert "hx-trigger" not in page


def test_a_wrong_order_is_told(viewer: Client):
    response = viewer.post(reverse("exports"), {"kind": "all", "format": "jsonl"})
    assert response.status_code == 200
    assert "Select a valid choice" in response.content.decode()
    assert not Export.objects.exists()


def test_exports_of_deleted_seeds_are_gone(viewer: Client):
    seed = factories.shop(rounds=1)
    export = Export.objects.create(kind="pages", format="csv", seed=seed, state="done", key="exports/1.csv")
    Seed.objects.update(deleted_at=factories.NOW)
    assert viewer.get(reverse("export-file", args=[export.pk])).status_code == 404
    assert viewer.get(reverse("download", args=["pages", "csv"]), {"seed": seed.pk}).status_code == 404
    assert jsonl(viewer, "pages") == []
    assert Page.objects.exists()


def test_failed_visits_come_along_when_asked_for(viewer: Client):
    factories.crawl(factories.make_seed(), [Got("http://shop.example/", Outcome.FAILED, "http_404", 404)])
    assert jsonl(viewer, "pages", run=Run.objects.get().pk) == []
    rows = jsonl(viewer, "pages", run=Run.objects.get().pk, all="1")
    assert [row["reason"] for row in rows] == ["http_404"]


def test_who_asked_for_a_file_may_delete_it_and_an_operator_any(viewer: Client, archive):
    seed = factories.shop(rounds=1)
    user = User.objects.get(pk=viewer.session["_auth_user_id"])
    wish = {"kind": "pages", "format": "xlsx", "seed": seed}
    own, other = (Export.objects.create(**wish, created_by=by) for by in (user, None))
    for export in (own, other):
        make_export(export.pk, factories.NOW)
    page = viewer.get(reverse("exports")).content.decode()
    assert page.count("/delete/") == 1
    manifest = json.loads(viewer.get(reverse("export-manifest", args=[own.pk])).content)
    assert (manifest["rows"], manifest["format"]) == (seed.pages.count(), "xlsx")
    assert manifest["seed"] == {"id": seed.pk, "name": seed.name}
    assert viewer.post(reverse("export-delete", args=[other.pk])).status_code == 403
    assert viewer.post(reverse("export-delete", args=[own.pk])).status_code == 302
    assert [path.name for path in (archive / "exports").iterdir()] == [f"{other.pk}.xlsx"]
    operator = Client()
    factories.log_in(operator, "operator")
    operator.post(reverse("export-delete", args=[other.pk]))
    assert not Export.objects.exists()


def test_downloads_hold_up_no_pages() -> None:
    """Each runs in the threads of downloads, also one that no list of routes names."""
    addresses = ["/records/file.csv", "/files/token.csv", "/shipments/1/file/", "/exports/1/file/"]
    for address in (*addresses, "/changes/file.csv", "/pages/file.csv", "/versions/1/body/"):
        assert asgi.threads_of(address) is asgi._downloads, address
    assert asgi.threads_of("/records/") is asgi._pages
    assert asgi.threads_of("/health/") is asgi._health
