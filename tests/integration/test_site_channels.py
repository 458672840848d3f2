"""Channels on the site and the command line: made, tried, failing where people look, and replayed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalog.models import Channel, Message
from catalog.sealing import MARK
from console.commands import notify
from djsite.desk import channels, health
from embedded.datadir import DataFolder
from pipelines.telling.kinds.webhook import new_key
from pipelines.telling.sending.delivery import deliver, secrets_of
from tests import factories
from tests.factories import NOW, make_seed
from tests.factories.channels import HOOK, make_channel, tell
from tests.fakeweb import Answer, FakeWeb

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
LOCAL = "127.0.0.0/8"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        running.on(HOOK, Answer(200, "thank you"))
        yield running


@pytest.fixture
def staff(client: Client) -> Client:
    factories.log_in(client, None, is_staff=True, is_superuser=True)
    return client


def form(web: FakeWeb, **values: str) -> dict[str, str]:
    given = {"name": "Hook", "enabled": "on", "time_zone": "Europe/Berlin", "url": f"{web.url}{HOOK}"}
    return {**given, "key": new_key(), "allow_networks": LOCAL, "site": "https://us.example", **values}


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_channel_is_made_by_its_form_and_tried(staff: Client, web: FakeWeb) -> None:
    given = form(web, quiet_from="22:00", quiet_until="07:00")
    assert "whsec_" in text(staff, "/channels/new/webhook/")  # a key to copy, before it is kept
    made = staff.post("/channels/new/webhook/", given)
    channel = Channel.objects.get()
    assert made.status_code == 302 and made["Location"] == f"/channels/{channel.pk}/"
    assert channel.secret.startswith(MARK)
    message = staff.post(f"/channels/{channel.pk}/test/")["Location"]
    assert "Not tried yet" in text(staff, message) and 'hx-trigger="every 2s"' in text(staff, message)
    deliver(channel.pk, timezone.now())
    shown = text(staff, message)
    assert "thank you" in shown and "arrived" in shown and "hx-trigger" not in shown
    assert "works" in text(staff, "/channels/")


def test_a_secret_is_never_shown_and_stays_when_its_box_is_left_empty(staff: Client, web: FakeWeb) -> None:
    given = form(web)
    staff.post("/channels/new/webhook/", given)
    channel = Channel.objects.get()
    pages = [f"/channels/{channel.pk}/{page}" for page in ("", "edit/")]
    shown = "".join(text(staff, page) for page in [*pages, "/channels/"])
    assert HOOK not in shown and given["key"] not in shown and "127.0.0.1" in shown
    staff.post(f"/channels/{channel.pk}/edit/", {**given, "name": "Other", "url": "", "key": ""})
    channel.refresh_from_db()
    assert channel.name == "Other"
    assert secrets_of(channel) == {"url": given["url"], "key": given["key"]}


def test_a_kept_secret_does_not_follow_to_another_receiver(staff: Client, web: FakeWeb) -> None:
    given = form(web)
    staff.post("/channels/new/webhook/", given)
    channel = Channel.objects.get()
    elsewhere = {**given, "url": "https://elsewhere.example/hook", "key": ""}
    answer = staff.post(f"/channels/{channel.pk}/edit/", elsewhere)
    assert "write it anew" in answer.content.decode()
    channel.refresh_from_db()
    assert secrets_of(channel)["url"] == given["url"]
    assert staff.post(f"/channels/{channel.pk}/edit/", {**elsewhere, "key": given["key"]}).status_code == 302


def test_wrong_settings_are_named_at_their_box_and_nothing_is_kept(staff: Client) -> None:
    answer = staff.post("/channels/new/ntfy/", {"name": "Phone", "time_zone": "UTC", "url": "ntfy.sh/tea"})
    assert "This is no web address" in answer.content.decode()
    assert not Channel.objects.exists()


def test_only_staff_open_private_networks_and_change_a_channel_that_has_some(
    client: Client, web: FakeWeb
) -> None:
    factories.log_in(client, "operator")
    assert "allow_networks" not in text(client, "/channels/new/webhook/")
    client.post("/channels/new/webhook/", form(web))
    assert "allow_networks" not in Channel.objects.get().options
    opened = make_channel(web)
    assert client.post(f"/channels/{opened.pk}/edit/", form(web)).status_code == 403


def test_rotating_keys_seals_the_secrets_of_channels_too(web: FakeWeb) -> None:
    channel = make_channel(web)
    channel.refresh_from_db()
    before, secret = channel.secret, secrets_of(channel)
    call_command("rotate_keys", verbosity=0)
    channel.refresh_from_db()
    assert channel.secret != before and secrets_of(channel) == secret


def test_a_failing_channel_is_seen_where_people_look(staff: Client, web: FakeWeb) -> None:
    web.on(HOOK, Answer(500, "<b>down</b>"))
    channel = make_channel(web, name="Team")
    tell(channel, make_seed(), 1, NOW)
    deliver(channel.pk, NOW)
    shown = text(staff, "/channels/")
    assert "failing" in shown and "&lt;b&gt;down&lt;/b&gt;" in shown
    problems = " ".join(health.report(timezone.now())["problems"])
    assert "Channels that cannot be reached, so nobody is told by them: 1." in problems
    assert "Channels that cannot be reached" in text(staff, "/")


def test_a_message_is_shown_whole_and_sent_once_more(staff: Client, web: FakeWeb) -> None:
    channel = make_channel(web)
    tell(channel, make_seed("Teas <b>"), 25)
    deliver(channel.pk, NOW)
    first = Message.objects.get()
    shown = text(staff, f"/messages/{first.pk}/")
    assert "Tea 0: price 2 → 1, −50 %" in shown and "and 15 more" in shown and "Teas &lt;b&gt;" in shown
    again = staff.post(f"/messages/{first.pk}/replay/")["Location"]
    assert "waiting" in text(staff, again)
    assert staff.post(f"{again}replay/")["Location"] == again  # it waits already
    deliver(channel.pk, timezone.now())
    assert [message.body["ids"] for message in Message.objects.all()] == [first.body["ids"]] * 2


def test_what_waits_is_counted_whether_a_message_holds_it_or_not(web: FakeWeb) -> None:
    seed, channel = make_seed(), make_channel(web, name="Team")
    make_channel(web, name="Unused")
    tell(channel, seed)
    deliver(channel.pk, NOW)
    web.on(HOOK, Answer(500))
    tell(channel, seed, 2)
    deliver(channel.pk, NOW)
    tell(channel, seed, 3)
    assert list(channels.list_channels().values_list("waiting", flat=True)) == [5, 0]


def test_a_channel_is_switched_and_deleted(staff: Client, web: FakeWeb) -> None:
    channel = make_channel(web)
    staff.post(f"/channels/{channel.pk}/pause/")
    assert not Channel.objects.get().enabled
    assert "kept and told later" in text(staff, f"/channels/{channel.pk}/")
    staff.post(f"/channels/{channel.pk}/enable/")
    assert Channel.objects.get().enabled
    tell(channel, make_seed())
    deliver(channel.pk, NOW)
    staff.post(f"/channels/{channel.pk}/delete/")
    assert not Channel.objects.exists() and not Message.objects.exists()


def test_the_command_lists_channels_and_tells_the_answer_to_a_test(
    web: FakeWeb, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "no_database", lambda: None)
    folder = DataFolder(tmp_path)
    assert notify.run(Namespace(test=None), folder) == 0
    assert "There are no channels yet" in capsys.readouterr().out
    make_channel(web, name="Team")
    assert notify.run(Namespace(test="Nobody"), folder) == 2
    assert notify.run(Namespace(test="Team"), folder) == 0
    assert "The test arrived. 200 thank you" in capsys.readouterr().out
    web.on(HOOK, Answer(403, "who are you?"))
    assert notify.run(Namespace(test="Team"), folder) == 1
    assert "The test did not arrive: 403 who are you?" in capsys.readouterr().err
    notify.run(Namespace(test=None), folder)
    assert "Team  Webhook, failing, 0 waiting. For" in capsys.readouterr().out
