"""Alerts on the site: made in words, tried on the past, switched, and what they have told."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Alert, Channel, Event, KeptView, Message, Notice, Seed
from console import arguments
from console.commands import alerts as command
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from tests.factories import log_in, make_seed

pytestmark = pytest.mark.django_db
Condition, Kind = Alert.Condition, Event.Kind
NEW = "/alerts/new/"
WHEN = {"rhythm": "at_once", "rhythm_weekday": "0", "rhythm_time": "08:00", "time_zone": "UTC"}


@pytest.fixture
def seed() -> Seed:
    return make_seed("Teas", time_zone="Europe/Berlin")


@pytest.fixture
def operator(client: Client) -> Any:
    return log_in(client, "operator")


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(name="Team mail", kind="mail")


def fall(seed: Seed, **values: Any) -> Event:
    given = {"kind": Kind.FIELD_CHANGED, "at": timezone.now() - timedelta(days=2), "field": "price"}
    given |= {"subject": "Assam", "before": 12.5, "after": 10, "difference": -2.5, "percent": -20.0}
    return Event.objects.create(seed=seed, **given | values)


def falls_in(seed: Seed, **values: Any) -> dict[str, Any]:
    """The boxes of: tell me when the price goes down by at least 10 % in this seed."""
    boxes = {"condition": "down", "place": f"seed-{seed.pk}", "field": "price", "least": "10"}
    return {**boxes, "in_percent": "True", **WHEN, **values}


def make_alert(**values: Any) -> Alert:
    return Alert.objects.create(**{"name": "fell", "condition": Condition.FIELD_DOWN} | values)


def test_the_form_asks_first_what_of_and_then_shows_the_boxes_of_that_only(client, operator, seed):
    page = client.get(NEW)
    assert set(page.context["form"].fields) >= {"condition", "place"}
    assert b"Call it" not in page.content
    expected = {
        "down": {"collection", "field", "least", "in_percent", "second_look"},
        "below": {"collection", "field", "limit", "second_look"},
        "matches": {"collection", "field", "text", "second_look"},
        "record_new": {"collection", "second_look"},
        "text_appears": {"text", "second_look"},
        "run_failed": set(),
    }
    boxes = set().union(*expected.values())
    for condition, own in expected.items():
        page = client.post(NEW, {"step": "choose", "condition": condition, "place": f"seed-{seed.pk}"})
        assert set(page.context["form"].fields) & boxes == own, condition
        assert not page.context["form"].errors
        assert b"Call it" in page.content


def test_a_link_says_what_the_form_begins_with(client, operator, seed):
    page = client.get(NEW, {"seed": seed.pk, "field": "price", "condition": "down"})
    form = page.context["form"]
    assert form["place"].value() == f"seed-{seed.pk}"
    assert form["field"].value() == "price"
    assert [value for value, _ in form.fields["field"].choices] == ["", "name", "price"]
    assert form["time_zone"].value() == "Europe/Berlin"
    assert client.get(NEW, {"seed": "x", "view": "9999999999999999999", "condition": "?"}).status_code == 200


def test_who_has_no_channel_makes_one_and_comes_back_to_the_alert(client, operator, seed):
    assert "Make a channel first" in client.get("/alerts/").content.decode()
    boxes = falls_in(seed, name="Cheaper")
    assert b"Make a channel" in client.post(NEW, {"step": "choose", **boxes}).content
    channels = client.post(NEW, {"step": "channel", **boxes})["Location"]
    (ntfy,) = re.findall(r'href="(/channels/new/ntfy/[^"]+)"', client.get(channels).content.decode())
    sent = {"name": "Phone", "time_zone": "UTC", "url": "https://ntfy.example/tea", "enabled": "on"}
    answer = client.post(html.unescape(ntfy), sent, follow=True)
    form = answer.context["form"]
    assert answer.request["PATH_INFO"] == NEW and "Phone is saved and chosen" in answer.content.decode()
    begun = {name: str(form[name].value()) for name in boxes}
    assert begun == boxes
    assert form["channels"].value() == [str(Channel.objects.get().pk)]
    assert "Make a channel" not in answer.content.decode()


def test_an_alert_that_is_saved_is_named_by_what_it_says(client, operator, seed, channel):
    answer = client.post(NEW, {"step": "save", **falls_in(seed, channels=[channel.pk], second_look="on")})
    alert = Alert.objects.get()
    assert answer["Location"] == f"/alerts/{alert.pk}/"
    assert alert.name == "price goes down by at least 10 % in Teas"
    assert (alert.owner, alert.seed, list(alert.channels.all())) == (operator, seed, [channel])
    assert (alert.least, alert.in_percent, alert.second_look, alert.enabled) == (10, True, True, True)
    page = client.get(answer["Location"]).content.decode()
    assert alert.name in page
    assert "Team mail" in page
    assert "Team mail" in client.get("/alerts/").content.decode()


def test_another_condition_takes_back_what_the_boxes_that_are_gone_had_said(client, operator, seed):
    alert = make_alert(seed=seed, owner=operator, field="price", least=10, in_percent=True)
    boxes = {"condition": "run_failed", "place": "", **WHEN}
    client.post(f"/alerts/{alert.pk}/edit/", {"step": "save", "name": "", **boxes})
    alert.refresh_from_db()
    assert (alert.seed, alert.field, alert.least, alert.in_percent) == (None, "", None, False)
    assert alert.name == "a run fails in all seeds"
    assert alert.owner == operator


@pytest.mark.parametrize(
    ("boxes", "box", "sentence"),
    [
        ({"least": "ten"}, "least", "Enter a number."),
        ({"least": "-1"}, "least", "greater than or equal to 0"),
        ({"condition": "below", "limit": ""}, "limit", "Write the limit, such as 9.90."),
        (
            {"condition": "below", "limit": "9,90", "field": ""},
            "field",
            "Choose the field that the limit is of.",
        ),
        ({"condition": "matches", "text": " "}, "text", "Write the text that it is about."),
        ({"time_zone": "Berlin"}, "time_zone", "is not a time zone. Write one like Europe/Berlin, or UTC."),
        ({"rhythm_time": "25"}, "rhythm_time", "Write a time such as 08:00."),
    ],
)
def test_what_cannot_be_is_said_beside_its_box_and_nothing_is_saved(
    client, operator, seed, boxes, box, sentence
):
    page = client.post(NEW, {"step": "save", **falls_in(seed, **boxes)})
    assert sentence in str(page.context["form"].errors[box])
    assert sentence in page.content.decode()
    assert not Alert.objects.exists()


def test_an_alert_is_tried_on_the_past_before_it_is_saved(client, operator, seed):
    for state in (Event.State.SETTLED, Event.State.AWAITED, Event.State.WITHDRAWN):
        fall(seed, state=state, run_id=state)
    fall(seed, percent=-9.0)
    fall(seed, at=timezone.now() - timedelta(days=31))
    fall(make_seed("Coffees"))
    page = client.post(NEW, {"step": "try", **falls_in(seed, second_look="on")})
    assert "It would have told you 2 times in the last 30 days." in page.content.decode()
    assert page.content.decode().count("Assam: price 12.5 → 10, −20 %") == 2
    assert page.context["form"]["least"].value() == "10"
    page = client.post(NEW, {"step": "try", **falls_in(seed)})  # it does not wait for second looks
    assert "told you 3 times" in page.content.decode()
    page = client.post(NEW, {"step": "try", **falls_in(seed, rhythm="weekly")})
    assert "told you once in the last 30 days, of 3 things." in page.content.decode()
    page = client.post(NEW, {"step": "try", **falls_in(seed, least="50")})
    assert "It would have told you nothing in the last 30 days." in page.content.decode()
    assert not Alert.objects.exists()


def test_an_alert_on_a_kept_view_tells_what_it_shows(client, operator, seed):
    view = KeptView.objects.create(name="Large falls", query=f"seed={seed.pk}&direction=down&percent=15")
    fall(seed)
    fall(seed, percent=-12.0)
    boxes = {"condition": "anything", "place": f"view-{view.pk}", **WHEN}
    page = client.post(NEW, {"step": "try", **boxes})
    assert "told you once in the last 30 days." in page.content.decode()
    client.post(NEW, {"step": "save", **boxes})
    alert = Alert.objects.get()
    assert (alert.view, alert.seed) == (view, None)
    assert alert.name == "anything happens in the view “Large falls”"


def test_the_log_says_what_was_told_where_and_how_far_it_is(client, operator, seed, channel):
    alert = make_alert(seed=seed)
    now = timezone.now()
    messages = {
        "delivered": Message.objects.create(channel=channel, state="delivered", delivered_at=now),
        "given up": Message.objects.create(channel=channel, state="given_up"),
        "is tried again": Message.objects.create(channel=channel, attempts=2, next_try_at=now),
        "being sent": Message.objects.create(channel=channel),
        "waits": None,
    }
    for message in messages.values():
        Notice.objects.create(channel=channel, event=fall(seed), alert=alert, due_at=now, message=message)
    page = client.get(f"/alerts/{alert.pk}/")
    assert [line.state.label for line in page.context["log"]] == list(reversed(messages))
    assert page.content.decode().count("Assam: price 12.5 → 10") == 5
    links = re.findall(r'href="/messages/(\d+)/"', page.content.decode())
    assert links == [str(message.pk) for message in reversed(messages.values()) if message]


def test_people_switch_and_delete_their_own_alerts_and_operators_all(client, seed):
    viewer = log_in(client, "viewer")
    own, other = make_alert(owner=viewer, seed=seed), make_alert(seed=seed)
    client.post(f"/alerts/{own.pk}/pause/")
    own.refresh_from_db()
    assert not own.enabled
    assert "paused" in client.get("/alerts/").content.decode()
    client.post(f"/alerts/{own.pk}/enable/")
    own.refresh_from_db()
    assert own.enabled
    for step in ("pause", "edit", "delete"):
        assert client.post(f"/alerts/{other.pk}/{step}/").status_code == 403
    client.post(f"/alerts/{own.pk}/delete/")
    log_in(client, "operator")
    client.post(f"/alerts/{other.pk}/delete/")
    assert not Alert.objects.exists()


def test_a_viewer_is_offered_nothing_that_only_keepers_can_mend(client, seed, channel):
    viewer = log_in(client, "viewer")
    page = client.post(NEW, {"step": "choose", "condition": "run_failed"})
    assert "values are no longer found" not in page.content.decode()
    boxes = {"step": "save", "place": "", "channels": [channel.pk], **WHEN}
    page = client.post(NEW, {**boxes, "condition": "coverage_fell"})
    assert "condition" in page.context["form"].errors
    client.post(NEW, {**boxes, "condition": "run_failed"})
    assert (Alert.objects.get().owner, Alert.objects.get().channels.get()) == (viewer, channel)


def test_an_alert_of_a_viewer_becomes_no_alert_for_keepers_by_an_operators_hand(client, operator, seed):
    alert = make_alert(owner=log_in(Client(), "viewer"), seed=seed)
    boxes = {"step": "save", "condition": "coverage_fell", "place": "", **WHEN}
    assert "condition" in client.post(f"/alerts/{alert.pk}/edit/", boxes).context["form"].errors


def test_alerts_of_deleted_seeds_are_gone_from_the_site(client, operator, seed):
    alert = make_alert(seed=seed, name="of a deleted seed")
    Seed.objects.filter(pk=seed.pk).update(deleted_at=timezone.now())
    assert alert.name not in client.get("/alerts/").content.decode()
    assert client.get(f"/alerts/{alert.pk}/").status_code == 404


def test_the_list_asks_as_often_for_many_alerts_as_for_few(client, operator, seed, django_assert_num_queries):
    for number in range(12):
        alert = make_alert(seed=seed, owner=operator)
        alert.channels.add(Channel.objects.create(name=f"channel {number}", kind="webhook"))
    client.get("/alerts/")
    with django_assert_num_queries(7):
        client.get("/alerts/")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What ``crawlbeat alerts`` prints."""
    options = arguments.parse(["alerts", *words])
    assert command.run(options, DataFolder(options.data)) == 0
    return capsys.readouterr().out


def test_the_command_lists_alerts_and_tries_one_on_the_past(seed, channel, capsys, monkeypatch):
    monkeypatch.setattr(command, "no_database", lambda: None)
    assert "There are no alerts." in printed(capsys)
    alert = make_alert(seed=seed, field="price", rhythm="daily")
    alert.channels.add(channel)
    fall(seed)
    assert printed(capsys).split() == (
        f"{alert.pk} fell (price goes down in Teas) -> Team mail, together, each day".split()
    )
    (row,) = json.loads(printed(capsys, "--json"))
    assert (row["alert"], row["channels"], row["enabled"]) == (alert.pk, ["Team mail"], True)
    assert "told you once in the last 30 days.\n" in printed(capsys, "try", str(alert.pk))
    trial = json.loads(printed(capsys, "try", str(alert.pk), "--json"))
    assert [each["what"] for each in trial["examples"]] == ["Assam: price 12.5 → 10, −20 %"]


@pytest.mark.parametrize("words", [["try"], ["list", "3"], ["try", "3"]])
def test_the_command_says_what_is_wrong_with_its_words(words, monkeypatch):
    monkeypatch.setattr(command, "no_database", lambda: None)
    with pytest.raises(UsageError, match="alert"):
        command.run(arguments.parse(["alerts", *words]), DataFolder(arguments.default_data()))
