"""Calls for what a person decides: pages read again, what is really gone, alerts, groups of seeds."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Alert, Coverage, KeptView, Record, Rereading, Seed, SeedGroup
from djsite.desk.alerts.words import condition_words
from tests import factories
from tests.factories import NOW
from tests.integration.test_api_actions import ask, caller
from tests.integration.test_site_rereading import seed, work

__all__ = ["seed"]  # a fixture
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]


@pytest.fixture
def client() -> Client:
    return caller("operator")


def test_stored_pages_are_read_again_looked_at_and_used(client: Client, seed: Seed) -> None:
    calls = f"seeds/{seed.pk}/rereadings"
    started = ask(client, "post", calls, {}, status=202)
    assert (started["state"], started["can_be_used"], started["total"]) == ("waiting", False, 0)
    one = f"{calls}/{started['id']}"
    assert "no difference" in ask(client, "post", f"{one}/use", status=409)["detail"]
    assert ask(client, "post", calls, {}, status=202)["id"] == started["id"], "the same goes on"
    since = {"since": "2026-03-01T00:00:00Z"}
    assert "being read again already" in ask(client, "post", calls, since, status=409)["detail"]
    row = work(Rereading.objects.get())
    look = ask(client, "get", one)
    assert (look["state"], look["can_be_used"], look["read"]) == ("compared", True, None)
    assert look["difference"] == [{"collection": "products", "new": 4, "changed": 0, "gone": 0, "same": 0}]
    assert not Record.objects.exists()
    assert ask(client, "post", f"{one}/use")["state"] == "promoting"
    work(row)
    assert ask(client, "get", calls)["items"][0]["state"] == "promoted"
    assert Record.objects.count() == 4
    ask(client, "post", f"{one}/drop", status=409)
    ask(caller("viewer"), "post", calls, {}, status=403)


@pytest.mark.parametrize(
    ("body", "field"), [({"collection": "offers"}, "collection"), ({"since": "2026-03-01T00:00:00"}, "since")]
)
def test_what_cannot_be_read_again_is_refused_by_its_name(
    client: Client, seed: Seed, body: dict[str, str], field: str
) -> None:
    problem = ask(client, "post", f"seeds/{seed.pk}/rereadings", body, status=422)
    assert problem["errors"][0]["field"] == field
    assert not Rereading.objects.exists()


def test_what_fell_is_said_to_be_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr("scheduler.dispatch.settle_falls", sent.append)
    shop, other = factories.shop(rounds=1), factories.make_seed("Other")
    fall = {"price": {"since": NOW.isoformat(), "pages": []}}
    row = Coverage.objects.create(
        run=shop.runs.get(), collection="products", records=12, fields={"price": [0, 12]}, fallen=fall
    )
    (before,) = ask(client, "get", f"seeds/{shop.pk}/coverage")
    assert (before["id"], before["lines"][1]["state"]) == (row.pk, "fell") and before["fell"]
    ask(client, "post", f"seeds/{other.pk}/coverage/{row.pk}/gone", status=404)
    (after,) = ask(client, "post", f"seeds/{shop.pk}/coverage/{row.pk}/gone")
    assert (after["fell"], after["lines"][1]["state"], sent) == ("", "accepted", [row.pk])


def test_a_seed_of_a_group_keeps_what_it_takes_when_something_else_changes(client: Client) -> None:
    gives = {"schedule": "cron", "cron": "0 8 * * *", "time_zone": "Europe/Berlin", "delay": 2}
    SeedGroup.objects.create(name="Shops", settings=gives)
    body = {"name": "Lamps", "start_urls": ["https://lamps.example/"], "group": "Shops"}
    call = f"seeds/{ask(client, 'post', 'seeds', body, status=201)['id']}"
    assert ask(client, "get", f"{call}/definition") == body
    assert Seed.objects.get().inherits == ["schedule", "delay"]
    ask(client, "patch", call, {"delay": 5})
    seed = Seed.objects.get()
    assert (seed.delay, seed.cron, seed.inherits) == (5, "0 8 * * *", ["schedule"])
    ask(client, "patch", call, {"cron": "0 9 * * *"})
    seed = Seed.objects.get()
    assert (seed.schedule, seed.cron, seed.inherits) == ("cron", "0 9 * * *", [])
    assert seed.time_zone == "Europe/Berlin", "what goes with it stays"
    problem = ask(client, "patch", call, {"group": "Stores"}, status=422)
    assert problem["errors"][0]["field"] == "group"


def alert(**values: Any) -> Alert:
    row = Alert(condition="below", field="price", limit=5, second_look=False, **values)
    row.name = condition_words(row)
    row.save()
    return row


def test_an_alert_changes_in_what_is_said_and_in_what_no_longer_fits(client: Client) -> None:
    shop = factories.shop(rounds=1)
    row = alert(seed=shop, rhythm="daily", rhythm_time=time(8))
    changed = ask(client, "patch", f"alerts/{row.pk}", {"limit": 3})
    assert (changed["limit"], changed["field"], changed["rhythm"]) == (3, "price", "daily")
    assert "3" in changed["name"], "it is called by what it says"
    ask(client, "patch", f"alerts/{row.pk}", {"name": "Cheap", "rhythm": "at_once"})
    gone = ask(client, "patch", f"alerts/{row.pk}", {"condition": "record_gone", "seed": None})
    assert (gone["name"], gone["field"], gone["limit"], gone["seed"]) == ("Cheap", "", None, None)
    row.refresh_from_db()
    assert (row.rhythm_time, row.second_look) == (None, False)


def test_an_alert_that_makes_no_sense_or_is_anothers_is_not_changed(client: Client) -> None:
    row = alert(view=KeptView.objects.create(name="Cheaper"))
    assert ask(client, "patch", f"alerts/{row.pk}", {"name": "Mine"})["view"] == row.view_id
    for body, field in (
        ({"limit": None}, "limit"),
        ({"text": "sale"}, "text"),
        ({"channels": [9]}, "channels"),
    ):
        assert ask(client, "patch", f"alerts/{row.pk}", body, status=422)["errors"][0]["field"] == field
    ask(caller("viewer"), "patch", f"alerts/{row.pk}", {"name": "Theirs"}, status=403)
    row.refresh_from_db()
    assert (row.name, row.limit, row.created_at <= timezone.now()) == ("Mine", 5, True)
