"""Channels, events and notices as alerts write them; a web server that receives."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import count
from typing import Any

from catalog.models import Channel, Event, Notice, Seed
from pipelines.telling.kinds.webhook import new_key
from pipelines.telling.sending import outbox
from tests.factories.rows import NOW
from tests.fakeweb import FakeWeb

HOOK = "/hook-with-a-secret"
_numbers = count(1)


def make_channel(web: FakeWeb, path: str = HOOK, **values: Any) -> Channel:
    """A webhook that is received by a web of ours."""
    secret = json.dumps({"url": f"{web.url}{path}", "key": new_key()})
    name = values.pop("name", f"Channel {next(_numbers)}")
    options = {"allow_networks": ["127.0.0.0/8"]}
    return Channel.objects.create(name=name, kind="webhook", options=options, secret=secret, **values)


def tell(channel: Channel, seed: Seed, number: int = 1, at: datetime = NOW) -> list[Event]:
    """So many prices that fall, each with a notice for the channel."""
    events = [
        Event.objects.create(
            seed=seed,
            kind=Event.Kind.FIELD_CHANGED,
            state=Event.State.SETTLED,
            at=at,
            collection="products",
            field="price",
            subject=f"Tea {position}",
            before=2,
            after=1,
            difference=-1,
            percent=-50,
        )
        for position in range(number)
    ]
    Notice.objects.bulk_create([Notice(channel=channel, event=event, due_at=at) for event in events])
    outbox.call([channel.pk], at)
    return events
