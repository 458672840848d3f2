"""The feed of changes: in the order of commits, each row once with its latest state, nothing lost."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import ChangeSet, Page, Record, RecordVersion, Seed
from pipelines.changes import START, Change, Cursor, feed, read_changes, read_part
from pipelines.changes.numbering import number_sets
from tests.factories import NOW, Got, crawl, make_seed

pytestmark = pytest.mark.django_db
URL = "http://shop.example/"


@pytest.fixture
def seed(archive: object) -> Seed:
    """A seed with one page and no changes."""
    seed = make_seed("Shop", start_urls=URL, fields=[])
    crawl(seed, [Got(URL)])
    Page.objects.update(changed_in=None, new_in=None)
    return seed


def change_set() -> ChangeSet:
    return ChangeSet.objects.create()


def new_record(seed: Seed, key: str, change: ChangeSet, **values: Any) -> Record:
    page = Page.objects.get(seed=seed)
    moments = dict.fromkeys(("first_seen_at", "last_seen_at", "last_changed_at"), NOW)
    return Record.objects.create(
        seed=seed, collection="lamps", key=[key], key_hash=hash(key), page=page, snapshot=page.latest,
        rule_set_id=1, values=values, changed_in=change, new_in=change, **moments,
    )  # fmt: skip


def set_values(record: Record, change: ChangeSet, **values: Any) -> None:
    RecordVersion.objects.create(
        record=record, values=record.values, snapshot=record.snapshot, rule_set_id=1, changed_in=change,
        since=NOW, until=NOW + timedelta(hours=1),
    )  # fmt: skip
    record.values, record.changed_in = values, change
    record.save()


def lines(since: Cursor = START, seed: Seed | None = None) -> list[tuple[str, str, dict[str, Any], Any]]:
    return [(each.kind, each.key[0], each.values, each.old) for each in read_changes(since, seed)]


def last_cursor(since: Cursor = START) -> Cursor:
    return Cursor.parse([*read_changes(since)][-1].cursor)


def test_each_row_comes_once_with_its_latest_state(seed: Seed) -> None:
    lamp = new_record(seed, "lamp", change_set(), price=10, stock=3)
    new_record(seed, "desk", change_set(), price=99)
    set_values(lamp, change_set(), price=12, stock=3)
    set_values(lamp, change_set(), price=13, stock=3)
    assert lines() == [("new", "desk", {"price": 99}, {}), ("new", "lamp", {"price": 13, "stock": 3}, {})]


def test_what_a_field_was_is_what_the_reader_has(seed: Seed) -> None:
    lamp = new_record(seed, "lamp", change_set(), price=10, stock=3)
    before = last_cursor()
    set_values(lamp, change_set(), price=12, stock=3)
    between = last_cursor(before)
    set_values(lamp, change_set(), price=13, stock=3, colour="red")
    assert lines(before) == [
        ("changed", "lamp", {"price": 13, "stock": 3, "colour": "red"}, {"price": 10, "colour": None})
    ]
    assert lines(between)[0][3] == {"price": 12, "colour": None}
    assert lines(last_cursor(between)) == []


def test_what_is_gone_comes_as_gone_and_what_comes_back_as_new(seed: Seed) -> None:
    lamp = new_record(seed, "lamp", change_set(), price=10)
    before = last_cursor()
    lamp.gone_at, lamp.changed_in = NOW, change_set()
    lamp.save()
    assert lines(before) == [("gone", "lamp", {"price": 10}, {})]
    lamp.gone_at, lamp.changed_in = None, change_set()
    lamp.new_in = lamp.changed_in
    lamp.save()
    assert lines(before) == [("new", "lamp", {"price": 10}, {})]


def test_a_reader_that_stopped_within_a_change_set_goes_on_there(seed: Seed) -> None:
    change = change_set()
    for key in ("a", "b", "c"):
        new_record(seed, key, change)
    Page.objects.update(changed_in=change, new_in=change)
    cursors = [Cursor.parse(each.cursor) for each in read_changes()]
    assert cursors == sorted(cursors)
    assert [cursor.is_whole for cursor in cursors] == [False, False, False, True]
    for position, cursor in enumerate(cursors, 1):
        assert [key for _, key, _, _ in lines(cursor)] == [URL, "a", "b", "c"][position:]


def test_only_what_is_of_a_seed_is_read_for_it(seed: Seed) -> None:
    other = make_seed("Other", start_urls="http://other.example/", fields=[])
    crawl(other, [Got("http://other.example/")])
    new_record(seed, "lamp", change_set())
    new_record(other, "lamp", change_set())
    assert [each.seed for each in read_changes()] == ["Shop", "Other"]
    assert [each.seed for each in read_changes(seed=other)] == ["Other"]
    Seed.objects.filter(pk=other.pk).update(deleted_at=NOW)
    assert [each.seed for each in read_changes()] == ["Shop"]


def test_a_seed_passes_by_the_sets_of_others_and_ends_after_some(seed: Seed, monkeypatch) -> None:
    other = make_seed("Other", start_urls="http://other.example/", fields=[])
    crawl(other, [Got("http://other.example/")])
    Page.objects.update(changed_in=None, new_in=None)
    lamp, desk = (new_record(other, key, change_set(), price=1) for key in ("lamp", "desk"))
    for number in range(25):
        new_record(seed, f"other {number}", change_set())
    set_values(lamp, change_set(), price=2)
    monkeypatch.setattr(feed, "LOOKED_AT", 4)
    monkeypatch.setattr(feed, "MOST_LOOKED_AT", 10)
    told, cursor, more, statements = [], START, True, []
    while more:
        with CaptureQueriesContext(connection) as queries:
            changes, cursor, more = read_part(Cursor.parse(str(cursor)), other, most=5)
        told.append([(each.kind, *each.key) for each in changes])
        statements.append(len(queries))
    assert told == [[("new", "desk")], [], [("new", "lamp")]], "what moved ahead is as new as before"
    assert max(statements) < 20, "they do not grow with the sets that hold nothing of it"
    assert cursor == Cursor.after(number_sets())


def test_a_cursor_that_cannot_be_one_is_refused_with_a_sentence(seed: Seed) -> None:
    for text in ("", "1.", "1.1.3", "a", "1.0.-2.3", "1.2.3.4", "9" * 40):
        with pytest.raises(ValueError, match="is no cursor"):
            Cursor.parse(text)
    with pytest.raises(ValueError, match="is not of this database"):
        list(read_changes(Cursor.after(7)))


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_comes_after_every_cursor_that_was_read_before(seed: Seed) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer: a set is committed before the next one gets its id")
    written, read = Event(), Event()

    def late() -> None:
        with transaction.atomic():
            new_record(seed, "late", change_set())
            written.set()
            assert read.wait(30)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(late)
        assert written.wait(30)
        new_record(seed, "early", change_set())  # a later id, committed before
        assert [key for _, key, _, _ in lines()] == ["early"]
        before = last_cursor()
        read.set()
        future.result()
    assert [key for _, key, _, _ in lines(before)] == ["late"]


@pytest.mark.django_db(transaction=True)
def test_many_readers_number_at_the_same_time_and_each_set_gets_one_number(seed: Seed) -> None:
    for _ in range(300):
        change_set()
    together = Barrier(4)

    def number() -> int:
        together.wait()
        try:
            return number_sets()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert {future.result() for future in [pool.submit(number) for _ in range(4)]} == {300}
    numbers = ChangeSet.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 301))


def test_what_moves_ahead_of_a_reader_is_as_new_as_before(seed: Seed) -> None:
    lamps = {key: new_record(seed, key, change_set(), price=10) for key in ("a", "b", "c", "d")}
    reader = read_changes()
    middle = Cursor.parse(next(reader).cursor)
    set_values(lamps["c"], change_set(), price=11)  # before it is its turn
    assert [(kind, key) for kind, key, _, _ in lines(middle)] == [("new", "b"), ("new", "d"), ("new", "c")]
    rest = [(change.kind, change.key) for change in reader]  # under way; it has read small sets together
    assert rest == [("new", [key]) for key in ("b", "c", "d", "c")]


class Consumer:
    """Keeps a table by the feed. It may be killed after each line: what it has then is a line's cursor."""

    def __init__(self) -> None:
        self.table: dict[str, dict[str, Any]] = {}
        self.at_base: dict[str, dict[str, Any]] = {}  # the table when its last whole reading had ended
        self.cursor = START

    def read(self, most: int) -> None:
        for change, _ in zip(read_changes(self.cursor), range(most), strict=False):
            self._apply(change)
            self.cursor = Cursor.parse(change.cursor)
        if self.cursor.is_whole:
            self.at_base = dict(self.table)

    def _apply(self, change: Change) -> None:
        (key,) = change.key
        assert (change.kind == "changed") <= (key in self.at_base), "only what the reader had can change"
        for name, value in change.old.items():
            assert self.at_base[key].get(name) == value, "the old value is what the reader had"
        if change.kind == "gone":
            self.table.pop(key, None)
        else:
            self.table[key] = change.values


def test_a_consumer_that_is_killed_between_any_two_lines_ends_equal_to_the_table(seed: Seed) -> None:
    chance = random.Random(7)
    records: dict[str, Record] = {}
    consumer = Consumer()
    for _ in range(120):
        _some_change(chance, seed, records)
        consumer.read(chance.randrange(4))
    consumer.read(1_000)
    current = {key: record.values for key, record in records.items() if record.gone_at is None}
    assert consumer.table == current
    assert len(current) > 5


def _some_change(chance: random.Random, seed: Seed, records: dict[str, Record]) -> None:
    """One transaction that does one to three things to records."""
    with transaction.atomic():
        change = change_set()
        for key in chance.sample([f"lamp {number}" for number in range(20)], chance.randint(1, 3)):
            record = records.get(key)
            if record is None:
                records[key] = new_record(seed, key, change, price=chance.randrange(100))
            elif record.gone_at:
                record.gone_at, record.changed_in, record.new_in = None, change, change
                record.save()
            elif chance.random() < 0.3:
                record.gone_at, record.changed_in = NOW, change
                record.save()
            else:
                set_values(record, change, price=chance.randrange(100))
