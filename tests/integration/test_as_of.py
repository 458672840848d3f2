"""As of a moment: what an export of that moment gave, told from the rows that there are later."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client

from catalog.models import Export, Page, Record, Seed, Snapshot
from console.commands import export
from crawler.outcomes import Outcome
from djsite.desk.as_of.words import before_first_run
from embedded.errors import UsageError
from pipelines.export import Row, make_export, page_rows, record_rows, slices
from pipelines.export.rows import rows_of, rows_of_export
from tests.factories import NOW, Got, crawl, log_in, make_seed
from tests.integration.test_store_records import Shop, product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://a.test"
HOUR = timedelta(hours=1)
OVERWRITTEN = ("last_seen_at", "position")  # null where a later visit has changed it
MOVED = "url"  # of the page from which the values came


class History:
    """A shop whose products change, move from page to page, go and come back, hour by hour."""

    def __init__(self, random: Random) -> None:
        self.shop, self._random = Shop(), random
        self.exports: dict[datetime, list[Row]] = {}

    def hour(self) -> None:
        """Some pages are read; then an export is made."""
        read = self._random.sample("abc", self._random.randint(1, 3))
        self.shop.pages(**{name: self._shown(name) for name in read})
        self.exports[self.shop.now] = list(record_rows(self.shop.seed))

    def _shown(self, page: str) -> list[Any]:
        """One that stays, so that a page is never in doubt, and some that come and go."""
        skus = [sku for sku in "1234" if self._random.random() < 0.5]
        return [product(page), *(product(sku, price=self._random.randint(1, 2)) for sku in skus)]


@pytest.mark.parametrize("number", range(4))
def test_records_as_of_a_moment_are_those_of_the_export_that_was_made_then(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE", 3)
    history = History(Random(number))
    for _ in range(12):
        history.hour()
    for moment, rows in history.exports.items():
        again = list(record_rows(history.shop.seed, as_of=moment + HOUR / 2))
        assert [known(row) for row in again] == [known(row) for row in rows]
        for row, before in zip(again, rows, strict=True):
            assert all(row[name] in (None, before[name]) for name in OVERWRITTEN)
    assert list(record_rows(history.shop.seed, as_of=NOW)) == []


def known(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in (*OVERWRITTEN, MOVED)}


def test_pages_as_of_a_moment_are_those_of_the_export_that_was_made_then() -> None:
    seed, random = make_seed("Shop"), Random(7)
    exports = {NOW + hour * HOUR: run_and_export(seed, NOW + hour * HOUR, random) for hour in range(6)}
    for moment, rows in exports.items():
        again = list(rows_of("pages", seed, as_of=moment + HOUR / 2))
        assert [row | LOOKS for row in again] == [row | LOOKS for row in rows]
        for row, before in zip(again, rows, strict=True):
            assert list(row) == list(before)
            assert row["fetched_at"] <= before["fetched_at"]
    (last, rows) = list(exports.items())[-1]
    assert list(rows_of("pages", seed, as_of=last + HOUR / 2)) == [row | COUNTS for row in rows]
    assert list(rows_of("pages", seed, as_of=NOW - HOUR)) == []


COUNTS: Row = {"looks": None, "changes": None}  # of a page by now; of then they are not known
LOOKS = {"outcome": "", "fetched_at": "", **COUNTS}  # that found nothing new are not kept, but for the last


def run_and_export(seed: Seed, at: datetime, random: Random) -> list[Row]:
    known = set(Page.objects.values_list("url", flat=True))
    got = []
    for name in random.sample("abcdef", 3):
        price, url = f"{random.randint(1, 9)} EUR", f"{SITE}/{name}"
        same = url in known and random.random() < 0.3
        fields = None if same else {"price": price}
        got.append(Got(url, Outcome.UNCHANGED if same else Outcome.STORED, title=price, fields=fields))
    crawl(seed, got, at=at)
    return list(page_rows(seed))


def test_a_page_whose_version_of_that_time_was_pruned_says_so() -> None:
    seed = make_seed("Shop")
    for hour in range(2):
        crawl(seed, [Got(f"{SITE}/a", title=f"{hour}", fields={})], at=NOW + hour * HOUR)
    Snapshot.objects.filter(title="0").delete()
    (row,) = rows_of("pages", seed, as_of=NOW + HOUR / 2)
    assert (row["url"], row["reason"], row["title"], row["outcome"]) == (f"{SITE}/a", "not_kept", None, None)


def test_before_the_first_run_there_was_nothing_and_a_sentence_says_since_when_there_is() -> None:
    seed = make_seed("Shop")
    assert before_first_run(seed, NOW) == ""
    crawl(seed, [Got(f"{SITE}/a")], at=NOW)
    assert before_first_run(seed, NOW - HOUR) == "Nothing of Shop was stored before 2026-03-10 12:00 UTC."
    assert before_first_run(seed, NOW + HOUR) == ""


class TestTheSite:
    """What people see of it."""

    @pytest.fixture
    def seed(self) -> Seed:
        seed = make_seed("Shop")
        for hour, price in enumerate(("5 EUR", "4 EUR")):
            got = Got(f"{SITE}/tea", title=f"Tea for {price}", fields={"price": price})
            crawl(seed, [got], at=NOW + hour * HOUR)
        return seed

    def test_a_moment_is_chosen_above_the_list_and_left_again(self, client: Client, seed: Seed) -> None:
        log_in(client, "viewer")
        query = {"seed": seed.pk, "as_of": "2026-03-10T12:30"}
        page = client.get("/records/", query).content.decode()
        assert "5 EUR" in page
        assert "4 EUR" not in page
        assert "As it was at" in page
        assert f'href="?seed={seed.pk}"' in page
        assert "as_of=2026-03-10T12%3A30%3A00%2B00%3A00" in page

    @pytest.mark.parametrize(
        ("as_of", "sentence"),
        [
            ("2026-03-10T11:00", "Nothing of Shop was stored before 2026-03-10 12:00 UTC."),
            ("soon", "is no time; write one such as 2026-11-20T08:00 (UTC). This is how things are now."),
            ("2999-01-01", "is still to come"),
        ],
    )
    def test_what_cannot_be_shown_is_said(
        self, client: Client, seed: Seed, as_of: str, sentence: str
    ) -> None:
        log_in(client, "viewer")
        page = client.get("/records/", {"seed": seed.pk, "as_of": as_of}).content.decode()
        assert sentence in page

    def test_a_record_and_a_page_show_what_was_known_then(self, client: Client, seed: Seed) -> None:
        log_in(client, "viewer")
        record = Record.objects.get()
        shown = client.get(f"/records/{record.pk}/", {"as_of": "2026-03-10T12:30"})
        assert ("price", "5 EUR", None) in shown.context["values"]
        shown = client.get(f"/pages/{record.page_id}/", {"as_of": "2026-03-10T12:30"})
        assert [row.snapshot.title for row in shown.context["versions"]] == ["Tea for 5 EUR"]

    def test_downloads_and_files_are_as_of_it_too(self, client: Client, seed: Seed) -> None:
        log_in(client, "viewer")
        answer = client.get("/download/records.csv", {"seed": seed.pk, "as_of": "2026-03-10T12:30"})
        assert "records-shop-2026-03-10-1230.csv" in answer["Content-Disposition"]
        assert b"5 EUR" in b"".join(answer)
        run = seed.runs.latest("pk").pk
        for wrong in (
            {"as_of": "soon"},
            {"as_of": "2026-03-10", "run": run},
            {"as_of": "2026-03-10", "all": 1},
        ):
            assert client.get("/download/pages.csv", wrong).status_code == 404
        form = {"kind": "records", "format": "csv", "as_of": "2026-03-10T12:30"}
        client.post("/exports/", form)
        assert Export.objects.get().as_of == NOW + HOUR / 2
        page = client.post("/exports/", form | {"every_outcome": "on"}).content.decode()
        assert "Only pages can be had with visits that stored nothing." in page
        make_export(Export.objects.get().pk, NOW)
        with storages["archive"].open(Export.objects.get().key) as file:
            assert b"5 EUR" in file.read()


def asked(**options: Any) -> Namespace:
    """The options of ``crawlbeat export``."""
    return Namespace(
        **{"kind": "records", "seed": "Shop", "run": None, "unfinished": False, "all": False, "as_of": NOW}
        | options
    )


def test_the_command_exports_as_of_a_moment_but_not_of_a_run() -> None:
    seed = make_seed("Shop")
    crawl(seed, [Got(f"{SITE}/a", fields={"price": "5 EUR"})], at=NOW)
    crawl(seed, [Got(f"{SITE}/a", fields={"price": "4 EUR"})], at=NOW + HOUR)
    (row,) = rows_of_export(export.wanted(asked(as_of=NOW + HOUR / 2), "jsonl"))
    assert row["fields"]["price"] == "5 EUR"
    assert "before 2026-03-10 12:00 UTC" in export.too_early(asked(as_of=NOW - HOUR))
    for wrong in ({"run": "latest"}, {"kind": "pages", "all": True}):
        with pytest.raises(UsageError, match="^--as-of: What a run got has one time only"):
            export.wanted(asked(**wrong), "jsonl")
