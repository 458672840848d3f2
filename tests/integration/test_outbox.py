"""The outbox: everything arrives at least once, in order, as often as it must and no more often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

from catalog.models import Channel, Delivery, Message, Notice, Seed
from pipelines.prune import prune
from pipelines.telling.content import LISTED
from pipelines.telling.kinds import posting, webhook
from pipelines.telling.kinds.kind import Answer as Result
from pipelines.telling.kinds.kind import Sending
from pipelines.telling.sending import outbox
from pipelines.telling.sending.delivery import CUT_OFF, deliver, secrets_of
from pipelines.telling.sending.quiet import quiet_end
from pipelines.telling.sending.tries import REFUSED_TRIES
from scheduler.checks import channels as checks
from scheduler.checks.findings import CheckOptions
from tests.factories import NOW, make_seed
from tests.factories.channels import HOOK, make_channel, tell
from tests.fakeweb import Answer, FakeWeb
from tests.fakeweb.misbehaviour import Raw
from tests.harness.mailbox import mail_server

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LEASE = timedelta(seconds=settings.WORK_LEASE_SECONDS + 1)


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        running.on(HOOK, Answer(200, "taken"))
        yield running


@pytest.fixture
def seed() -> Seed:
    return make_seed("Teas")


def received(web: FakeWeb) -> list[dict[str, object]]:
    return [json.loads(seen.body) for seen in web.seen(HOOK)]


def ids_of(web: FakeWeb) -> list[list[int]]:
    """The ids of events, by message in the order of arrival; doubles dropped by the message's id."""
    arrived = {seen.headers["webhook-id"]: json.loads(seen.body)["data"]["ids"] for seen in web.seen(HOOK)}
    return list(arrived.values())


def test_an_event_arrives_signed_so_that_the_reference_library_verifies_it(web: FakeWeb, seed: Seed) -> None:
    channel = make_channel(web)
    (event,) = tell(channel, seed)
    assert deliver(channel.pk, timezone.now()) is None
    (seen,) = web.seen(HOOK)
    signed = Webhook(secrets_of(Channel.objects.get())["key"]).verify(seen.body, seen.headers)
    assert signed["type"] == "crawlbeat.events"
    assert signed["data"]["events"][0]["sentence"] == "Tea 0: price 2 → 1, −50 %"
    message = Message.objects.get()
    assert (message.state, message.attempts, message.uid) == ("delivered", 1, seen.headers["webhook-id"])
    (attempt,) = message.deliveries.all()
    assert (attempt.delivered, attempt.status, attempt.answer) == (True, 200, "taken")
    assert event.notices.get().message == message


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Answer(500, "down"), "down"),
        (Raw(b""), "closed the connection"),
        (Raw(b"HTTP/1.1 200 OK\r\nContent-Le"), "closed the connection"),
        (Answer(302, headers=(("Location", "/elsewhere"),)), "redirects to another address"),
        (Answer(200, delay=5), "No complete answer within"),
    ],
)
def test_a_message_is_tried_again_later_with_the_same_id_and_bytes(
    web: FakeWeb, seed: Seed, monkeypatch: pytest.MonkeyPatch, trouble: Answer, words: str
) -> None:
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    web.on(HOOK, trouble, Answer(204))
    channel = make_channel(web)
    tell(channel, seed)
    again = deliver(channel.pk, NOW)
    assert again is not None and again > NOW
    channel.refresh_from_db()
    assert words in channel.last_error
    assert channel.failing_since is not None and channel.due_at == again
    assert deliver(channel.pk, NOW) == again  # nothing is tried before its time
    assert deliver(channel.pk, again) is None
    first, second = web.seen(HOOK)
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    channel.refresh_from_db()
    assert (channel.failing_since, channel.last_error, channel.due_at) == (None, "", None)


def test_after_half_an_hour_of_a_dead_receiver_a_summary_comes_and_no_flood(web: FakeWeb, seed: Seed) -> None:
    web.on(HOOK, Answer(503))
    channel, now, told = make_channel(web), NOW, []
    while now < NOW + 30 * MINUTE:
        told += tell(channel, seed, 3, now)
        deliver(channel.pk, now)
        now += MINUTE
    assert len(web.seen(HOOK)) < 20  # attempts of one message
    assert [finding.code for finding in checks.failing(CheckOptions(now))] == ["channels-failing"]
    web.requests.clear()
    web.on(HOOK, Answer(200))
    deliver(channel.pk, now + 60 * MINUTE)
    first, summary = received(web)
    assert (first["data"]["count"], summary["data"]["count"]) == (3, 87)
    assert summary["data"]["left"] > 0
    assert [pk for ids in ids_of(web) for pk in ids] == [event.pk for event in told]
    assert not list(checks.failing(CheckOptions(now)))


def test_no_second_worker_sends_on_a_channel_at_the_same_time(
    web: FakeWeb, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = make_channel(web)
    tell(channel, seed)

    def send(_: object) -> Result:
        tell(channel, seed)  # meanwhile something happens, and another worker comes
        assert deliver(channel.pk, NOW + LEASE / 2) is None
        return Result(Message.objects.count() == 1, "")

    monkeypatch.setattr(webhook, "send", send)
    deliver(channel.pk, NOW)
    first, second = Message.objects.order_by("pk")
    assert (first.state, first.attempts, second.attempts) == ("delivered", 1, 1)


def test_what_a_worker_that_dies_was_sending_is_sent_again_by_the_next(
    web: FakeWeb, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = make_channel(web)
    tell(channel, seed)
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(webhook, "send", lambda sending: webhook.post(*_hook(channel)) and exit())
        deliver(channel.pk, NOW)
    assert (Message.objects.get().attempts, Delivery.objects.get().answer) == (1, CUT_OFF)
    assert outbox.due_channels(NOW + LEASE / 2, 9) == []  # it may still live
    tell(channel, seed)
    assert outbox.due_channels(NOW + LEASE, 9) == [channel.pk]
    deliver(channel.pk, NOW + LEASE)
    assert [message.attempts for message in Message.objects.order_by("pk")] == [2, 1]
    assert ids_of(web) == [message.body["ids"] for message in Message.objects.order_by("pk")]


def _hook(channel: Channel) -> tuple[str, bytes, dict[str, str], tuple[str, ...]]:
    headers = {"webhook-id": Message.objects.get().uid}
    body = json.dumps({"data": Message.objects.get().body}).encode()
    return secrets_of(Channel.objects.get(pk=channel.pk))["url"], body, headers, ("127.0.0.0/8",)


def test_a_worker_that_was_away_for_too_long_sends_nothing_further(
    web: FakeWeb, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = make_channel(web)
    tell(channel, seed)
    sent: list[str] = []

    def send(sending: Sending) -> Result:
        sent.append(sending.uid)
        if len(sent) == 1:
            tell(channel, seed)
            deliver(channel.pk, NOW + LEASE)  # the other one: our message, and the next
        return Result(True, "")

    monkeypatch.setattr(webhook, "send", send)
    deliver(channel.pk, NOW)
    first, second = Message.objects.order_by("pk")
    assert sent == [first.uid, first.uid, second.uid]


def test_a_refusal_is_given_up_sooner_and_the_next_message_is_made_then(web: FakeWeb, seed: Seed) -> None:
    web.on(HOOK, Answer(404))
    channel, now = make_channel(web), NOW
    tell(channel, seed)
    for _ in range(REFUSED_TRIES):
        tell(channel, seed, at=now)
        now = deliver(channel.pk, now) or now
    first, second = Message.objects.order_by("pk")
    assert (first.state, first.attempts, second.state) == ("given_up", REFUSED_TRIES, "waiting")
    assert second.body["count"] == REFUSED_TRIES - 1


def test_a_receiver_that_names_a_time_is_not_asked_before(web: FakeWeb, seed: Seed) -> None:
    web.on(HOOK, Answer(429, headers=(("Retry-After", "7200"),)))
    channel = make_channel(web)
    tell(channel, seed)
    again = deliver(channel.pk, NOW)
    assert again is not None and again >= NOW + 120 * MINUTE


def test_nothing_is_sent_in_quiet_hours_and_all_of_it_afterwards(web: FakeWeb, seed: Seed) -> None:
    night = {"quiet_from": time(22), "quiet_until": time(7), "time_zone": "Europe/Berlin"}
    channel = make_channel(web, **night)
    at = datetime(2026, 1, 5, 23, tzinfo=UTC)
    tell(channel, seed, LISTED + 1, at)
    assert deliver(channel.pk, at) == datetime(2026, 1, 6, 6, tzinfo=UTC)
    assert received(web) == []
    outbox.ask_test(channel, at)
    deliver(channel.pk, at)  # somebody waits for it
    deliver(channel.pk, datetime(2026, 1, 6, 6, tzinfo=UTC))
    assert [each["type"] for each in received(web)] == ["crawlbeat.test", "crawlbeat.events"]


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-03-28T22:00Z", "2026-03-29T01:30Z"),  # 02:30 is left out that night: it is 03:30 then
        ("2026-10-24T22:00Z", "2026-10-25T00:30Z"),  # 02:30 is there twice
        ("2026-10-25T01:10Z", "2026-10-25T01:30Z"),
        ("2026-03-29T12:00Z", ""),
    ],
)
def test_quiet_hours_are_those_of_the_wall(at: str, end: str) -> None:
    channel = Channel(quiet_from=time(22), quiet_until=time(2, 30), time_zone="Europe/Berlin")
    ends = quiet_end(channel, datetime.fromisoformat(at))
    assert ends == (datetime.fromisoformat(end) if end else None)


def test_a_channel_that_is_off_keeps_what_it_is_to_tell_up_to_a_bound(
    web: FakeWeb, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "KEPT", 4)
    channel = make_channel(web, enabled=False)
    events = tell(channel, seed, 6)
    assert deliver(channel.pk, NOW) is None
    prune(NOW)
    assert [notice.event_id for notice in Notice.objects.order_by("event_id")] == [e.pk for e in events[2:]]
    Channel.objects.update(enabled=True)
    assert outbox.due_channels(NOW, 9) == [channel.pk]
    deliver(channel.pk, NOW)
    (arrived,) = received(web)
    assert (arrived["data"]["count"], arrived["data"]["dropped"]) == (4, 2)
    assert Channel.objects.get().dropped == 0


def test_a_test_is_tried_once_and_calls_what_waits_when_it_arrives(web: FakeWeb, seed: Seed) -> None:
    web.on(HOOK, Answer(500))
    channel = make_channel(web)
    tell(channel, seed)
    deliver(channel.pk, NOW)
    outbox.ask_test(channel, NOW)
    deliver(channel.pk, NOW)
    web.on(HOOK, Answer(200))
    outbox.ask_test(channel, NOW)
    deliver(channel.pk, NOW)
    event, failed, passed = Message.objects.order_by("pk")
    assert [event.state, failed.state, passed.state] == ["delivered", "given_up", "delivered"]
    assert failed.attempts == 1
    assert event.attempts > 1, "on a busy machine a receiver may seem dead once more"


def test_a_replay_is_another_message_with_the_same_content(web: FakeWeb, seed: Seed) -> None:
    channel = make_channel(web)
    tell(channel, seed)
    deliver(channel.pk, NOW)
    again = outbox.replay(Message.objects.get(), NOW)
    deliver(channel.pk, NOW)
    first, second = web.seen(HOOK)
    assert json.loads(first.body)["data"] == json.loads(second.body)["data"]
    assert first.headers["webhook-id"] != second.headers["webhook-id"] == again.uid


def test_an_address_that_is_not_allowed_is_not_reached(web: FakeWeb, seed: Seed) -> None:
    channel = make_channel(web)
    Channel.objects.update(options={})
    tell(channel, seed)
    deliver(channel.pk, NOW)
    assert "127.0.0.1 is refused: loopback" in Channel.objects.get().last_error
    assert web.requests == []


def test_secrets_are_in_no_row_no_answer_and_no_log(
    web: FakeWeb, seed: Seed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    channel = make_channel(web)
    secret = secrets_of(channel)
    web.on(HOOK, Answer(500, f"no such hook: {secret['url']} {HOOK} {secret['key']}"))
    tell(channel, seed)
    deliver(channel.pk, NOW)
    rows = [*Channel.objects.values(), *Message.objects.values(), *Delivery.objects.values()]
    assert "no such hook: …" in str(rows)
    assert HOOK not in str(rows) + caplog.text and secret["key"] not in str(rows) + caplog.text


def test_a_mail_reaches_its_server_once_for_each_message(seed: Seed) -> None:
    with mail_server() as mailbox:
        port = str(mailbox.port)
        options = {"to": ["a@b.example"], "sender": "tea@us.example", "host": "127.0.0.1", "port": port}
        options |= {"security": "none", "allow_networks": ["127.0.0.0/8"]}
        channel = Channel.objects.create(name="Mail", kind="mail", options=options)
        tell(channel, seed)
        assert deliver(channel.pk, NOW) is None, Channel.objects.get().last_error
        Channel.objects.update(options={**options, "allow_networks": []})
        tell(channel, seed)
        assert deliver(channel.pk, NOW) is not None
    (mail,) = mailbox.mails
    assert (mail.rcpt_tos, mail.mail_from) == (["a@b.example"], "tea@us.example")
    assert Message.objects.order_by("pk")[0].uid.encode() in mail.content
    assert "127.0.0.1 is refused" in Channel.objects.get().last_error


def test_old_messages_are_pruned_and_not_told_again(web: FakeWeb, seed: Seed) -> None:
    channel = make_channel(web)
    tell(channel, seed)
    deliver(channel.pk, NOW)
    outbox.replay(Message.objects.get(), NOW + 80 * 24 * 60 * MINUTE)
    prune(NOW + 91 * 24 * 60 * MINUTE)
    assert Message.objects.get().replay_of is None
    assert not Notice.objects.exists() and not Delivery.objects.exists()
