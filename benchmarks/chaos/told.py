"""A receiver that fails, hangs, answers 500 and closes early, and what it must have been told in the end."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator

from catalog.clock import db_now
from catalog.models import Alert, Channel, Event, Message, Notice, Seed
from pipelines.telling.kinds.webhook import new_key
from pipelines.telling.sending import outbox
from tests.fakeweb import Answer, Behaviour, FakeWeb, Request
from tests.fakeweb.misbehaviour import Raw

RECEIVER = "127.0.0.5"
HOOK = "/hook"
CONDITIONS = {
    Alert.Condition.RECORD_NEW: Event.Kind.RECORD_NEW,
    Alert.Condition.RECORD_GONE: Event.Kind.RECORD_GONE,
    Alert.Condition.FIELD_CHANGED: Event.Kind.FIELD_CHANGED,
    Alert.Condition.PAGE_CHANGED: Event.Kind.PAGE_CHANGED,
}
HANG = 3.0  # seconds without a byte, then the connection ends
TROUBLE: tuple[Behaviour, ...] = (
    Answer(500, "<h1>broken</h1>"),
    Answer(503, headers=(("Retry-After", "1"),)),
    Raw(b""),
    Raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
    Raw(b"", "rst"),
    Answer(500, delay=HANG),
)


class Receiver:
    """A webhook of four alerts on a seed. While it is bad, it takes a third of what it is sent."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._bad = True
        self.arrived: list[tuple[str, bytes]] = []  # id and body of what was answered with 200
        self.refused = 0
        self.web = FakeWeb(host=RECEIVER)
        self.web.route(HOOK, self._answer)

    def listen_to(self, seed: Seed) -> None:
        """Make the channel and its alerts."""
        secret = json.dumps({"url": f"{self.web.url}{HOOK}", "key": new_key()})
        options = {"allow_networks": ["127.0.0.0/8"]}
        self.channel = Channel.objects.create(name="chaos", kind="webhook", options=options, secret=secret)
        for condition in CONDITIONS:
            alert = Alert.objects.create(name=condition, seed=seed, condition=condition, second_look=False)
            alert.channels.add(self.channel)

    def recover(self) -> None:
        """Take everything from now on; a test that arrives calls what waits."""
        self._bad = False
        outbox.ask_test(self.channel, db_now())

    def _answer(self, request: Request) -> Behaviour:
        if self._bad and self._dice.random() < 2 / 3:
            self.refused += 1
            return self._dice.choice(TROUBLE)
        self.arrived.append((request.headers["webhook-id"], request.body))
        return Answer(200)

    @property
    def doubles(self) -> int:
        """Messages that came again although they had arrived."""
        return len(self.arrived) - len({uid for uid, _ in self.arrived})

    def broken(self) -> Iterator[str]:
        """A sentence for each broken promise; none when all is well."""
        uids = list(dict.fromkeys(uid for uid, _ in self.arrived))
        bodies = {uid: {body for each, body in self.arrived if each == uid} for uid in uids}
        yield from (f"{uid} came with other bytes" for uid, each in bodies.items() if len(each) > 1)
        rows = dict(Message.objects.values_list("uid", "pk"))
        yield from (f"{uid} came, and no row has it" for uid in uids if uid not in rows)
        tests = {uid for uid in uids if json.loads(min(bodies[uid]))["type"] == "crawlbeat.test"}  # go first
        order = [rows[uid] for uid in uids if uid in rows and uid not in tests]
        if order != sorted(order):
            yield "messages came in another order than they were made"
        ids = Counter(pk for each in bodies.values() for pk in json.loads(min(each))["data"]["ids"])
        yield from _as_it_happened(ids, self.channel.pk)


def settled() -> bool:
    """Whether alerts have looked at everything, and everything was told."""
    unsettled = Event.objects.filter(state__in=Event.TO_SETTLE).exists()
    unsent = Notice.objects.filter(message=None).exists()
    return not (unsettled or unsent or Message.objects.filter(state=Message.State.WAITING).exists())


def _as_it_happened(told: Counter[int], channel_id: int) -> Iterator[str]:
    """Every event that an alert is about was told, in one message, and nothing else."""
    happened = set(_covered())
    if lost := happened - told.keys():
        yield f"{len(lost)} of {len(happened)} events were not told: {sorted(lost)[:5]}"
    if strange := told.keys() - happened:
        yield f"{len(strange)} events were told that did not happen: {sorted(strange)[:5]}"
    if twice := [pk for pk, number in told.items() if number > 1]:
        yield f"{len(twice)} events are in two messages: {twice[:5]}"
    given_up = Message.objects.filter(channel=channel_id, state=Message.State.GIVEN_UP)
    yield from (f"message {message.pk} was given up" for message in given_up.exclude(body__has_key="test"))


def _covered() -> Iterator[int]:
    events = Event.objects.filter(seed__alerts__isnull=False, kind__in=CONDITIONS.values())
    yield from events.values_list("pk", flat=True).distinct()
