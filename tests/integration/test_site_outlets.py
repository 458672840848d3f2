"""Outlets on the site, by the API and by command: made, tested, sent, held, and what has gone."""

from __future__ import annotations

import json
import shutil
import time
from argparse import Namespace
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django_celery_results.models import TaskResult

from catalog.models import Outlet, Promise, Seed, Shipment
from catalog.sealing import MARK
from console.commands import outlets as command
from djsite.desk.access import tokens
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from pipelines import shipping
from pipelines.prune.leftovers import orphan_shipments
from pipelines.shipping.places.folder import FOLDER
from tests import factories
from tests.factories.outlets import make_outlet
from tests.factories.shipping import arrived, ship

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
NEW = "/outlets/new/folder/"
BOXES = {"kind": "records", "share": "whole", "format": "csv", "time_zone": "Europe/Berlin", "folder": "shop"}
DAILY = {"schedule": "daily", "at": "08:00", "days": "*"}
TABLE = {
    "host": "db.example.org",
    "database": "shop",
    "user": "loader",
    "encryption": "require",
    "table": "prices",
}


@pytest.fixture(autouse=True)
def _empty_folder() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.DATA_DIR, FOLDER), ignore_errors=True)


@pytest.fixture
def seed() -> Seed:
    return factories.shop(rounds=1, products=2)


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator")
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def order(outlet: Outlet) -> Shipment:
    return shipping.order(outlet, Shipment.Cause.HAND, timezone.now())


def test_a_file_each_morning_is_made_by_its_form_and_arrives(operator: Client, seed: Seed) -> None:
    listed = f"seed={seed.pk}&collection=pages&name.contains=1"
    data = text(operator, f"/records/?{listed}")
    assert f"/outlets/new/?list={listed.replace('=', '%3D').replace('&', '%26')}" in data
    begun = operator.get(NEW, {"list": listed})
    assert "name contains “1”" in unescape(begun.content.decode())
    what = begun.context["form"].initial["what"]
    saved = operator.post(NEW, {**BOXES, **DAILY, "what": what, "obeys_promises": "on"})
    outlet = Outlet.objects.get()
    assert saved["Location"] == f"/outlets/{outlet.pk}/"
    assert (outlet.name, outlet.query) == ("Corner shop to Folder", "collection=pages&name.contains=1")
    assert (outlet.cron, outlet.time_zone, outlet.after_runs) == ("0 8 * * *", "Europe/Berlin", False)
    operator.post(f"/outlets/{outlet.pk}/send/")
    assert 'hx-trigger="every 2s"' in text(operator, f"/outlets/{outlet.pk}/")
    ship(outlet)
    page = text(operator, f"/outlets/{outlet.pk}/")
    assert "arrived" in page and "every 2s" not in page and "at 08:00 every day, Europe/Berlin" in page
    file, _manifest = arrived()
    assert "Product 1" in file.read_text() and "Product 0" not in file.read_text()
    assert "works" in text(operator, "/outlets/")
    viewer = Client()
    factories.log_in(viewer)
    downloaded = viewer.get(f"/shipments/{Shipment.objects.get().pk}/file/")
    assert downloaded.getvalue() == file.read_bytes()


def test_a_file_that_went_stays_as_long_as_its_row(seed: Seed, archive: Path) -> None:
    shipment = order(outlet := make_outlet(seed))
    ship(outlet)
    later = timezone.now() + timedelta(hours=2)
    list(orphan_shipments(later))
    assert len(list((archive / "shipments").iterdir())) == 1
    shipment.delete()
    list(orphan_shipments(later))
    assert not list((archive / "shipments").iterdir())


def test_the_next_times_follow_what_is_written(operator: Client) -> None:
    daily = text(operator, "/outlets/due/?schedule=daily&at=08:00&days=1-5&time_zone=Asia/Tokyo")
    assert daily.count("<li>") == 5 and "08:00" in daily and "Asia/Tokyo" in daily
    assert "has five parts" in text(operator, "/outlets/due/?schedule=cron&cron=0+8&time_zone=UTC")
    assert "when somebody asks" in text(operator, "/outlets/due/?schedule=manual&time_zone=UTC")


@pytest.mark.parametrize(
    ("boxes", "box", "words"),
    [
        ({"folder": "/etc"}, "folder", "does not begin with /"),
        ({"schedule": "cron", "cron": "0 8"}, "cron", "has five parts"),
        ({"what": ""}, "what", "Choose the seed"),
        ({"format": "xlsx", "compression": "gz"}, "compression", "cannot be compressed"),
    ],
)
def test_what_is_wrong_stands_at_its_box_and_nothing_is_kept(
    operator: Client, seed: Seed, boxes: dict[str, str], box: str, words: str
) -> None:
    answer = operator.post(NEW, {**BOXES, **DAILY, "what": str(seed.pk), **boxes})
    assert words in " ".join(answer.context["form"].errors[box])
    assert not Outlet.objects.exists()


def test_a_secret_is_never_shown_stays_when_its_box_is_empty_and_follows_to_no_other_server(
    operator: Client, seed: Seed
) -> None:
    boxes = {**BOXES, **TABLE, "what": str(seed.pk), "schedule": "manual", "name": "Warehouse"}
    operator.post("/outlets/new/postgresql/", {**boxes, "password": "open sesame"})
    outlet = Outlet.objects.get()
    assert outlet.secret.startswith(MARK)
    pages = [f"/outlets/{outlet.pk}/", f"/outlets/{outlet.pk}/edit/", "/outlets/"]
    assert "open sesame" not in "".join(text(operator, page) for page in pages)
    edit = f"/outlets/{outlet.pk}/edit/"
    assert operator.post(edit, {**boxes, "table": "teas"}).status_code == 302
    outlet.refresh_from_db()
    assert outlet.options["table"] == "teas" and shipping.secrets_of(outlet) == {"password": "open sesame"}
    elsewhere = operator.post(edit, {**boxes, "host": "elsewhere.example"})
    assert "write it anew" in elsewhere.content.decode()
    assert "open sesame" not in "".join(LogEntry.objects.values_list("change_message", flat=True))


def test_what_a_broken_promise_holds_goes_when_somebody_says_so(operator: Client, seed: Seed) -> None:
    reasons = ["It has 2 records, at least 500 were promised."]
    Promise.objects.create(seed=seed, deadline="08:15", broken_since=timezone.now(), reasons=reasons)
    outlet = make_outlet(seed)
    shipment = order(outlet)
    ship(outlet)
    page = text(operator, f"/outlets/{outlet.pk}/")
    assert "at least 500 were promised" in page and "Send it nevertheless" in page
    assert "held" in text(operator, "/outlets/") and arrived() == []
    operator.post(f"/shipments/{shipment.pk}/anyway/")
    ship(outlet)
    assert len(arrived()) == 2
    assert LogEntry.objects.latest("pk").change_message == "Shipment 1 is sent although it was held."


def test_what_fails_says_why_where_people_look_and_can_be_tried_again(operator: Client, seed: Seed) -> None:
    outlet = make_outlet(seed, "postgresql", {}, options={**TABLE, "host": "127.0.0.1"}, share="since")
    order(outlet)
    ship(outlet)
    page = text(operator, f"/outlets/{outlet.pk}/")
    assert "127.0.0.1 is refused: loopback" in page and "Try again" in page
    assert "Send all of it again" in page
    assert "failing" in text(operator, "/outlets/")
    operator.post(f"/outlets/{outlet.pk}/send-all/")
    assert Shipment.objects.latest("number").number == 2


def test_it_is_paused_goes_on_and_is_deleted_and_the_history_says_so(operator: Client, seed: Seed) -> None:
    outlet = make_outlet(seed)
    operator.post(f"/outlets/{outlet.pk}/pause/")
    refused = operator.post(f"/outlets/{outlet.pk}/send/", follow=True)
    assert "It is paused. Let it go on first." in refused.content.decode()
    assert "paused" in text(operator, "/outlets/") and not Shipment.objects.exists()
    operator.post(f"/outlets/{outlet.pk}/enable/")
    assert Outlet.objects.get().enabled
    operator.post(f"/outlets/{outlet.pk}/delete/")
    assert not Outlet.objects.exists()
    notes = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(notes) == ["Paused.", "Goes on.", "Deleted."]


def test_a_test_of_the_place_has_its_answer_on_a_page(operator: Client, seed: Seed) -> None:
    outlet, other = make_outlet(seed), make_outlet(seed)
    result = json.dumps({"outlet": outlet.pk, "works": False, "answer": "No room is left."})
    TaskResult.objects.create(task_id="k1", task_name="probe_place", status="SUCCESS", result=result)
    page = text(operator, f"/outlets/{outlet.pk}/test/k1/")
    assert "It does not work." in page and "No room is left." in page
    assert operator.get(f"/outlets/{other.pk}/test/k1/").status_code == 404
    assert "is being tried" in text(operator, f"/outlets/{outlet.pk}/test/k2/?since={int(time.time())}")


def test_only_staff_open_private_networks(operator: Client, seed: Seed) -> None:
    boxes = {**BOXES, **TABLE, "what": str(seed.pk), "schedule": "manual", "allow_networks": "10.0.0.0/8"}
    operator.post("/outlets/new/postgresql/", boxes)
    assert "allow_networks" not in Outlet.objects.get().options
    opened = make_outlet(seed, "postgresql", options={**TABLE, "allow_networks": ["10.0.0.0/8"]})
    assert operator.get(f"/outlets/{opened.pk}/edit/").status_code == 403


def test_rotating_keys_seals_the_secrets_of_outlets_too(seed: Seed) -> None:
    outlet = make_outlet(seed, "postgresql", {"password": "open sesame"})
    outlet.refresh_from_db()
    before = outlet.secret
    call_command("rotate_keys", verbosity=0)
    outlet.refresh_from_db()
    assert outlet.secret != before and shipping.secrets_of(outlet) == {"password": "open sesame"}


def call(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> HttpResponse:
    how = getattr(client, method)
    return (
        how(f"/api/outlets{path}", body, content_type="application/json")
        if body
        else how(f"/api/outlets{path}")
    )


def test_programs_make_change_and_send_what_goes_out(seed: Seed) -> None:
    made = tokens.make(factories.make_user("program", "operator"), "program", "operator", None)
    client = Client(headers={"Authorization": f"Bearer {made.secret}"})
    wanted = {"seed": seed.pk, "place": "postgresql", "options": TABLE, "secret": {"password": "open sesame"}}
    answer = call(client, "post", "", wanted)
    assert answer.status_code == 201 and b"open sesame" not in answer.content
    assert answer.json()["name"] == "Corner shop to PostgreSQL table"
    wrong = call(client, "post", "", {**wanted, "options": {**TABLE, "colour": "red", "table": ""}})
    assert {each["field"] for each in wrong.json()["errors"]} == {"colour", "table"}
    nets = {**wanted, "name": "Inside", "options": {**TABLE, "allow_networks": ["10.0.0.0/8"]}}
    assert call(client, "post", "", nets).status_code == 403
    file = {"seed": seed.pk, "place": "folder", "options": {"folder": "shop"}, "format": "csv"}
    pk = call(client, "post", "", file).json()["id"]
    changed = call(client, "patch", f"/{pk}", {"cron": "0 8 * * *", "time_zone": "Asia/Tokyo"}).json()
    assert (changed["cron"], changed["after_runs"], changed["options"]) == (
        "0 8 * * *",
        True,
        {"folder": "shop"},
    )
    assert changed["next_at"]
    assert call(client, "post", f"/{pk}/send").status_code == 202
    ship(Outlet.objects.get(pk=pk))
    (shipment,) = call(client, "get", f"/{pk}/shipments").json()["items"]
    assert (shipment["state"], shipment["rows"]) == ("arrived", 2)
    file_of_it = call(client, "get", f"/{pk}/shipments/1/file")
    assert b"".join(file_of_it) == arrived()[0].read_bytes()
    assert call(client, "post", f"/{pk}/shipments/1/anyway").status_code == 409
    assert call(client, "delete", f"/{pk}").status_code == 204


def test_the_command_lists_sends_and_says_what_has_gone(
    seed: Seed, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "no_database", lambda: None)
    outlet = make_outlet(seed, name="Morning file")

    def run(action: str, name: str | None = None, *, as_json: bool = False) -> int:
        return command.run(Namespace(action=action, outlet=name, json=as_json), DataFolder(tmp_path))

    assert run("list") == 0
    assert (
        "Morning file: Records of Corner shop -> Folder, after each finished run" in capsys.readouterr().out
    )
    assert run("send", "Morning file") == 0
    assert "arrived, 2 rows. " in capsys.readouterr().out
    assert run("log", "Morning file", as_json=True) == 0
    (plain,) = json.loads(capsys.readouterr().out)
    assert (plain["state"], plain["file"]) == ("arrived", arrived()[0].name)
    with pytest.raises(UsageError, match="there is no outlet 'Evening file'"):
        run("send", "Evening file")
    shipping.pause(outlet)
    assert run("send", "Morning file") == 1
    assert "It is paused" in capsys.readouterr().err
