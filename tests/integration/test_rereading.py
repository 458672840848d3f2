"""Stored versions read again: the difference is what promoting does, whatever is killed on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import (
    ChangeSet,
    Page,
    Reading,
    Record,
    RecordVersion,
    Rereading,
    RereadingPart,
    Seed,
    Sighting,
)
from crawler.outcomes import Reason
from pipelines.changes import Cursor, read_changes
from pipelines.rereading import (
    NoRereading,
    ask,
    bodies,
    drop,
    go_on,
    parts,
    progress_of,
    promote,
    read_part,
    steps,
)
from pipelines.store.identity import hash_of_key
from tests.factories import NOW, Got, crawl
from tests.integration.stored_shop import (
    DAY,
    LAST,
    LATER,
    PRODUCTS,
    SITE,
    items,
    stored_shop,
    used,
    with_other_price,
    with_rules,
    work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch) -> Seed:
    return stored_shop(monkeypatch)


def state() -> list[tuple[Any, ...]]:
    """What records say, and what was before."""
    rows = Record.objects.order_by("key").values_list(
        "key", "page__url", "also_on", "values", "first_seen_at", "last_changed_at", "gone_at"
    )
    versions = RecordVersion.objects.order_by("record__key", "since").values_list(
        "record__key", "values", "since", "until"
    )
    return [*rows, *versions]


class Power(BaseException):
    """Ends the work as a kill does: nothing catches it."""


def kinds() -> dict[str, str]:
    return {change.key[0]: change.kind for change in read_changes() if change.of == "record"}


def test_history_begins_at_the_first_crawl(seed: Seed) -> None:
    rereading = work(ask(seed, LATER))
    assert rereading.state == Rereading.State.COMPARED
    assert progress_of(rereading).read == rereading.total == 6
    assert not Record.objects.exists()
    assert {name: rereading.difference["products"][name] for name in ("new", "changed", "gone")} == {
        "new": 3,
        "changed": 0,
        "gone": 0,
    }
    promote(rereading)
    work(rereading)
    assert rereading.state == Rereading.State.PROMOTED
    records = {record.key[0]: record for record in Record.objects.select_related("page")}
    assert {sku: record.gone_at is None for sku, record in records.items()} == {
        "lamp": True,
        "desk": True,
        "rug": True,
        "sofa": False,
    }
    assert records["lamp"].page.url == f"{SITE}/b"
    assert records["desk"].values == {"sku": "desk", "price": "3"}
    (before,) = RecordVersion.objects.all()
    assert before.values == {"sku": "desk", "price": "2"}
    assert records["desk"].first_seen_at.date() == NOW.date()
    assert before.until == records["desk"].last_changed_at
    assert kinds() == {"lamp": "new", "desk": "new", "rug": "new"}
    assert not Sighting.objects.exists()
    assert not RereadingPart.objects.exists()
    assert progress_of(rereading).read == rereading.total == 6
    assert rereading.difference["products"]["new"] == 3


def test_the_difference_is_what_promoting_does(seed: Seed) -> None:
    used(seed)
    before = state()
    rereading = work(ask(with_other_price(seed), LATER))
    assert state() == before
    shown = rereading.difference["products"]
    assert (shown["new"], shown["changed"], shown["gone"], shown["fields"]) == (0, 3, 0, {"price": 3})
    assert {"key": ["rug"], "old": {"price": "9"}, "new": {"price": "9!"}}.items() <= next(
        sample for sample in shown["samples"]["changed"] if sample["key"] == ["rug"]
    ).items()
    last = list(read_changes())[-1].cursor
    promote(rereading)
    work(rereading)
    changes = [each for each in read_changes(Cursor.parse(last)) if each.of == "record"]
    assert {(each.key[0], each.kind, each.old["price"]) for each in changes} == {
        ("rug", "changed", "9"),
        ("lamp", "changed", "1"),
        ("desk", "changed", "3"),
    }
    assert len({record.changed_in_id for record in Record.objects.filter(gone_at=None)}) == 1


def test_what_the_rules_do_not_show_is_gone(seed: Seed) -> None:
    used(seed)
    only_rug = {**PRODUCTS, "items": {"css": "li:has(b)"}, "pages": ["*/c"]}
    with_rules(seed, only_rug)
    rereading = work(ask(seed, LATER))
    assert rereading.difference["products"]["gone"] == 2
    promote(rereading)
    work(rereading)
    assert set(Record.objects.filter(gone_at=None).values_list("key__0", flat=True)) == {"rug"}


def test_what_is_held_stays_unless_the_rules_read_it(seed: Seed) -> None:
    used(seed)
    there = Record.objects.filter(gone_at=None)
    held = {"held_since": NOW.isoformat(), "snapshot": 1, "rule_set": 1}
    there.update(problems={"price": held})
    fields = [{"name": "sku", "css": "b"}, {"name": "price", "css": "s"}]
    with_rules(seed, {**PRODUCTS, "fields": fields})
    rereading = work(ask(seed, LATER))
    assert rereading.difference["products"]["changed"] == 0
    promote(rereading)
    work(rereading)
    assert {record.values["price"] for record in there.all()} == {"1", "3", "9"}
    assert {record.held["price"] for record in there.all()} == {NOW}
    used(with_other_price(seed))
    assert {record.values["price"] for record in there.all()} == {"1!", "3!", "9!"}
    assert not any(record.held for record in there.all())


@pytest.mark.parametrize("deaths", [1, 2, 3, 5])
def test_killed_anywhere_it_ends_as_if_undisturbed(
    seed: Seed, deaths: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers die in the middle of slices of every step; others go on when their leases have run out."""
    calls, now = 0, LATER
    write, promote_pairs = parts.write, steps.promote_pairs

    def dying(real: Any) -> Any:
        def call(*args: Any) -> None:
            nonlocal calls
            calls += 1
            real(*args)
            if calls % (deaths + 1) == 0:
                raise Power

        return call

    monkeypatch.setattr(parts, "write", dying(write))
    monkeypatch.setattr(steps, "promote_pairs", dying(promote_pairs))
    rereading = ask(seed, LATER)
    for _ in range(200):
        now += timedelta(minutes=5)
        try:
            more = go_on(rereading.pk, now)
            if read_part(rereading.pk, now) or more:
                continue
        except Power:
            continue
        rereading.refresh_from_db()
        if rereading.state == Rereading.State.PROMOTED:
            break
        promote(rereading)
    assert calls > deaths
    disturbed = state()
    RecordVersion.objects.all().delete()
    Record.objects.all().delete()
    monkeypatch.undo()
    used(seed)
    assert disturbed == state()
    assert Reading.objects.count() == 6


def test_promoted_twice_is_once(seed: Seed) -> None:
    rereading = used(seed)
    before, sets = state(), ChangeSet.objects.count()
    promote(rereading)
    assert not go_on(rereading.pk, LAST)
    assert used(seed).difference["products"]["changed"] == 0
    assert (state(), ChangeSet.objects.count()) == (before, sets)


def test_dropped_leaves_nothing(seed: Seed) -> None:
    rereading = work(ask(seed, LATER))
    drop(rereading)
    work(rereading)
    assert rereading.finished_at is not None
    for table in (Reading, Sighting, RereadingPart, Record, RecordVersion):
        assert not table.objects.exists()
    with pytest.raises(NoRereading):
        promote(rereading)


def test_a_version_that_kills_its_readers_is_set_aside_and_its_records_stay(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(seed)
    read = bodies.read_records

    def deadly(stored: Any, url: str, *args: Any) -> Any:
        if url.endswith("/c"):
            raise Power
        return read(stored, url, *args)

    monkeypatch.setattr(bodies, "read_records", deadly)
    rereading = ask(with_other_price(seed), LATER)
    now = LATER
    for _ in range(30):
        now += timedelta(minutes=5)
        try:
            go_on(rereading.pk, now)
            read_part(rereading.pk, now)
        except Power:
            continue
    rereading.refresh_from_db()
    assert rereading.state == Rereading.State.COMPARED
    assert progress_of(rereading).unread == {Reason.PARSER_KILLED: 2}
    promote(rereading)
    work(rereading)
    assert the("rug").gone_at is None
    assert the("rug").values["price"] == "9"
    assert the("desk").values["price"] == "3!"
    page = Page.objects.get(url=f"{SITE}/c")
    assert page.rule_set_id != rereading.rule_set_id


def the(sku: str) -> Record:
    return Record.objects.get(key_hash=hash_of_key([sku]))


def test_pages_with_a_newer_version_are_left_to_the_run_that_stored_it(seed: Seed) -> None:
    used(seed)
    rereading = work(ask(with_other_price(seed), LATER))
    with_rules(seed)
    crawl(seed, [Got(f"{SITE}/c", text=items(rug="10"))], at=LAST)
    with_other_price(seed)
    promote(rereading)
    work(rereading)
    assert the("rug").values["price"] == "9"
    assert the("desk").values["price"] == "3!"


def test_other_rules_meanwhile_refuse_the_promotion(seed: Seed) -> None:
    rereading = work(ask(seed, LATER))
    with_other_price(seed)
    with pytest.raises(NoRereading, match="being read again"):
        ask(seed, LAST)
    with pytest.raises(NoRereading, match="have changed"):
        promote(rereading)


def test_since_a_date_keeps_earlier_history_and_reads_the_latest_of_each_page(seed: Seed) -> None:
    rereading = work(ask(seed, LATER, since=NOW + DAY / 2))
    assert progress_of(rereading).read == rereading.total == 4
    assert rereading.difference["products"]["new"] == 3


def test_one_collection_changes_no_other(seed: Seed) -> None:
    with_rules(seed, PRODUCTS, {**PRODUCTS, "name": "others"})
    used(seed, collection="others")
    assert set(Record.objects.values_list("collection", flat=True)) == {"others"}
