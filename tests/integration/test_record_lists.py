"""Lists of records: each filter and order finds what it says, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Page, Record, RecordVersion, Seed
from djsite.desk.data import listing
from djsite.desk.data.listing import part_of, rows_of
from pipelines.data import conditions
from pipelines.data import rows as data_rows
from pipelines.data.conditions import condition_on, order_of, records_of
from pipelines.data.record_list import RecordList
from tests.factories import NOW, make_host, make_seed

pytestmark = pytest.mark.django_db
THINGS: dict[str, dict[str, Any]] = {
    "assam": {"price": {"amount": 12.5, "currency": "EUR"}, "stock": 3, "day": "2026-03-01", "new": True},
    "Bancha": {"price": {"amount": 9, "currency": "EUR"}, "stock": 20, "day": "2026-03-10T08:00:00+01:00"},
    "ceylon": {"price": {"amount": 100, "currency": "EUR"}, "stock": None, "day": "soon", "tags": ["a", "b"]},
    "Darjeeling “50 %”": {"price": "on request", "stock": 10**400, "new": False, "tags": []},
    "grün": {"price": None, "stock": 100, "note": 'a "b" \\ c'},
}


@pytest.fixture
def seed() -> Seed:
    seed = make_seed("Teas")
    for number, (name, values) in enumerate(THINGS.items()):
        add(seed, {"name": name, **values}, number)
    return seed


def add(seed: Seed, values: dict[str, Any], number: int, **more: Any) -> Record:
    url = f"http://tea.test/{number}"
    times = {
        "host": make_host(url),
        "digest": "",
        "first_stored_at": NOW,
        "last_changed_at": NOW,
        "last_fetched_at": NOW,
    }
    page = Page.objects.create(seed=seed, url=url, fingerprint=number, **times)
    seen = {name: NOW - timedelta(days=number) for name in ("first_seen_at", "last_seen_at")}
    row = {"page": page, "snapshot_id": 1, "rule_set_id": 1, "last_changed_at": NOW - timedelta(hours=number)}
    return Record.objects.create(
        seed=seed, collection="teas", key_hash=number, values=values, **seen | row | more
    )


def names(seed: Seed, query: str) -> list[str]:
    wanted, problems = RecordList.of_query(f"seed={seed.pk}&collection=teas&{query}", NOW)
    assert problems == []
    assert RecordList.of_query(wanted.query, NOW) == (wanted, [])
    records = records_of(wanted).filter(condition_on(wanted, NOW)).order_by(*order_of(wanted))
    return [record.values["name"][:1] for record in records]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", "gDcBa"),
        ("name.contains=CEY", "c"),
        ("name.contains=GRÜ", "g"),
        ("text=GRÜ", "g"),
        ("text=%22+grün", ""),
        ("name.contains=0+%25", "D"),
        ("name.contains=_", ""),
        ("name.is=bancha", "B"),
        ("price.is=9.0", "B"),
        ("price.is=9,00", "B"),
        ("new.is=yes", "a"),
        ("new.is=false", "D"),
        ("price.lt=12.5", "B"),
        ("price.gt=9", "ca"),
        ("price.between=9..12.5", "Ba"),
        ("stock.gt=50", "gD"),
        ("price.gt=1e308", ""),
        ("day.lt=2026-03-10", "a"),
        ("day.gt=2026-03-10", "B"),
        ("day.is=2026-03-01", "a"),
        ("day.between=2026-03-01..2026-03-11", "Ba"),
        ("stock.empty=yes", "c"),
        ("tags.empty=no", "c"),
        ("tags.contains=b", "c"),
        ("nothing.empty=yes", "gDcBa"),
        ("text=ancha", "B"),
        ("text=tea.test/2", "c"),
        ("text=GRÜN", "g"),
        ("text=b%22+%5C", "g"),
        ("changed_since=2h", "cBa"),
        ("price.lt=50&stock.gt=10", "B"),
        ("sort=price", "BacDg"),
        ("sort=-price", "caBDg"),
        ("sort=stock", "aBgDc"),
        ("sort=name", "aBcDg"),
        ("sort=-name", "gDcBa"),
        ("sort=day", "aBcgD"),
        ("sort=.changed", "gDcBa"),
        ("sort=-.first_seen", "aBcDg"),
        ("sort=-.address", "gDcBa"),
    ],
)
def test_a_filter_shows_what_it_says(seed: Seed, query: str, listed: str) -> None:
    assert "".join(names(seed, query)) == listed


def shown(wanted: RecordList, size: int = 2) -> list[tuple[int, Any]]:
    """What the list shows, its parts put together; a file of it has the same."""
    parts = [part_of(wanted, NOW, size=size).part]
    while cursor := parts[-1].following:
        parts.append(part_of(wanted, NOW, cursor, size).part)
    rows = [(row.pk, row.values["name"]) for part in parts for row in part.rows]
    assert [row["fields"]["name"] for row in rows_of(wanted, NOW)] == [name for _, name in rows]
    return rows


def listed(seed: Seed, query: str) -> str:
    wanted, _ = RecordList.of_query(f"seed={seed.pk}&collection=teas&{query}", NOW)
    return "".join(name[:1] for _, name in shown(wanted))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "gDcBa"),
        ("text=a&sort=-price", "caBDg"),
        ("name.contains=a", "DBa"),
        ("columns=name", "gDcBa"),
        ("view=versions", "gDcBa"),
    ],
)
def test_parts_and_the_file_have_every_record_once(seed: Seed, query: str, names: str) -> None:
    assert listed(seed, query) == names


def test_what_is_gone_is_shown_if_it_is_asked_for(seed: Seed) -> None:
    Record.objects.filter(key_hash=2).update(gone_at=NOW)
    assert (listed(seed, ""), listed(seed, "gone=yes")) == ("gDBa", "gDcBa")


def test_all_versions_are_of_each_record_the_newest_first(seed: Seed, monkeypatch) -> None:
    monkeypatch.setattr(listing, "THINGS", 2)
    monkeypatch.setattr(data_rows, "THINGS", 2)
    for record in Record.objects.filter(key_hash__in=(1, 3)):
        for number in (3, 2, 1):
            since = NOW - timedelta(days=number)
            times = {"since": since, "until": since + timedelta(days=1)}
            values = {**record.values, "name": f"{number}{record.values['name']}", "stock": number}
            RecordVersion.objects.create(record=record, values=values, snapshot_id=1, rule_set_id=1, **times)
    assert listed(seed, "view=versions") == "gD123cB123a"
    assert listed(seed, "view=versions&stock.lt=3") == "1212"
    assert listed(seed, "view=versions&text=2ban") == "2"
    assert listed(seed, "stock.changed_since=24h") == "DB"
    moment = (NOW - timedelta(hours=36)).isoformat().replace("+", "%2B")
    Record.objects.filter(key_hash__in=(1, 3)).update(last_changed_at=NOW)
    assert listed(seed, f"as_of={moment}&stock.lt=3&sort=name") == "2"


def test_a_search_and_an_order_look_at_a_bounded_number(seed: Seed, monkeypatch) -> None:
    monkeypatch.setattr(listing, "SEARCHED", 2)
    monkeypatch.setattr(listing, "MOST_THINGS", 2)
    monkeypatch.setattr(listing, "THINGS", 2)
    monkeypatch.setattr(conditions, "SORTED", 3)
    wanted, _ = RecordList.of_query(f"seed={seed.pk}&name.is=assam", NOW)
    first = part_of(wanted, NOW).part
    assert (first.rows, first.searched) == ([], 2)
    assert listed(seed, "name.is=assam") == "a"
    assert listed(seed, "name.is=assam&view=versions") == "a"
    by_name, _ = RecordList.of_query(f"seed={seed.pk}&sort=name", NOW)
    assert [row.values["name"][0] for row in part_of(by_name, NOW).rows] == ["c", "D", "g"]


@pytest.mark.parametrize("cursor", ["~", "x", "1~x", "9" * 30, "\0", "5~" + "9" * 18, "-1", "٣"])
@pytest.mark.parametrize("query", ["", "sort=price", "view=versions"])
def test_a_cursor_without_sense_is_no_error(seed: Seed, query: str, cursor: str) -> None:
    wanted, _ = RecordList.of_query(f"seed={seed.pk}&{query}", NOW)
    part_of(wanted, NOW, cursor)
