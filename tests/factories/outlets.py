"""Outlets, the things that they send, and a receiver in memory that applies what it gets by key."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from typing import Any

from catalog.models import ChangeSet, Outlet, Page, Record, Seed
from pipelines.export.slices import Row
from pipelines.shipping.places.place import ROWS, Lot, Spot
from pipelines.telling.kinds.kind import Answer, Problems, Setting
from tests.factories.rows import NOW

_numbers = count(1)
LOOPBACK = ["127.0.0.0/8"]


def make_outlet(
    seed: Seed, place: str = "folder", secret: dict[str, str] | None = None, **values: Any
) -> Outlet:
    """An outlet of all records to a folder, as JSON Lines after each run, made before :data:`NOW`."""
    defaults = {
        "name": f"Outlet {next(_numbers)}",
        "format": "jsonl" if place in {"folder", "s3", "sftp"} else "",
        "options": {"folder": "shop"},
        "created_at": NOW - timedelta(days=1),
    }
    return Outlet.objects.create(
        seed=seed, place=place, secret=json.dumps(secret or {}), **(defaults | values)
    )


def add_thing(seed: Seed, key: str, change: ChangeSet | None = None, **values: Any) -> Record:
    """A new record of the collection ``lamps`` on the seed's page, in a change set of its own or this one."""
    page = Page.objects.get(seed=seed)
    change = change or ChangeSet.objects.create()
    moments = dict.fromkeys(("first_seen_at", "last_seen_at", "last_changed_at"), NOW)
    return Record.objects.create(
        seed=seed, collection="lamps", key=[key], key_hash=hash(key), page=page, snapshot=page.latest,
        rule_set_id=1, values=values, changed_in=change, new_in=change, **moments,
    )  # fmt: skip


def change_thing(thing: Record, change: ChangeSet | None = None, **values: Any) -> None:
    """Other values; it is back if it was gone."""
    thing.values, thing.changed_in = values, change or ChangeSet.objects.create()
    if thing.gone_at is not None:
        thing.gone_at, thing.new_in = None, thing.changed_in
    thing.save()


def lose_thing(thing: Record, change: ChangeSet | None = None) -> None:
    """It is gone."""
    thing.gone_at, thing.changed_in = NOW, change or ChangeSet.objects.create()
    thing.save()


class Receiver:
    """A place in memory. ``apply`` is all that a receiver of changes has to do."""

    LABEL, TAKES = "Memory", ROWS
    SETTINGS: tuple[Setting, ...] = ()

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.lots: list[
            tuple[int, bool, list[Row]]
        ] = []  # number, whole, lines: every attempt that came whole
        self.answers: list[Answer] = []  # instead of taking what comes

    def check(self, options: object, secret: object) -> Problems:
        return {}

    def probe(self, spot: Spot) -> Answer:
        return Answer(True, "")

    def send(self, lot: Lot) -> Answer:
        if self.answers:
            return self.answers.pop(0)
        lines = [row for part in lot.parts() for row in part]
        lot.kept()
        is_new = lot.number not in {number for number, _, _ in self.lots}
        self.lots.append((lot.number, lot.whole, lines))
        if is_new:
            self.apply(lines, whole=lot.whole)
        return Answer(True, "taken")

    def apply(self, lines: list[Row], *, whole: bool) -> None:
        if whole:
            self.rows.clear()
        for line in lines:
            key = json.dumps([line["collection"], line["key"]])
            if line["change"] == "gone":
                self.rows.pop(key, None)
            else:
                self.rows[key] = line


RECEIVER = Receiver()
"""The one that ``tests.factories.outlets:RECEIVER`` names as a place."""
