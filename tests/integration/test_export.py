"""Exports of real rows: what they hold, both formats, and memory that stays flat."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Export, Page, Record, Run, Snapshot, Visit
from console.commands.export import find_run
from crawler.outcomes import Outcome
from embedded.errors import UsageError
from pipelines import archive as objects
from pipelines.export import ExportFailed, make_export, page_rows, record_rows, row_blocks, write_rows
from pipelines.export import slices as reading
from pipelines.export.kinds.pages import PAGE_COLUMNS, PAGE_STATE_COLUMNS
from pipelines.export.kinds.records import RECORD_COLUMNS
from tests.factories import NOW, Got, crawl, make_seed, more_pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
HOUR = timedelta(hours=1)
LATER = NOW + HOUR
MANY = 8_000  # as dictionaries all at once, they would take far more than a peak may


@pytest.fixture
def seed():
    """A seed crawled twice: one page changed, one did not, one vanished from the second run."""
    seed = make_seed("Shop")
    lamp = Got(f"{SITE}/lamp?b=1#x", title="Lamp", fields={"price": "12 EUR", "name": "Lamp"}, depth=1)
    chair = Got(f"{SITE}/chair", title="Chair", fields={"name": "Chair", "price": None}, depth=1)
    crawl(seed, [Got(f"{SITE}/", title="Shop", fields={}), lamp, chair], at=NOW)
    changed = Got(lamp.url, title="Lamp", fields={"price": "13 EUR", "name": "Lamp"}, depth=2)
    got = [
        changed,
        Got(f"{SITE}/", Outcome.UNCHANGED, status=304),
        Got(f"{SITE}/old", Outcome.REDIRECTED, status=301, location=f"{SITE}/lamp"),
        Got(f"{SITE}/broken", Outcome.FAILED, "http_500", 500),
        Got(f"{SITE}/private", Outcome.SKIPPED, "robots", None),
    ]
    crawl(seed, got, at=LATER)
    return seed


def by_url(rows) -> dict[str, dict]:
    found = {row["url"].removeprefix(SITE): row for row in rows}
    assert len(found) == len(list(rows))
    return found


def text(rows, form: str) -> str:
    file = io.BytesIO()
    write_rows(file, form, rows)
    return file.getvalue().decode()


class TestPages:
    def test_a_row_of_a_run(self, seed):
        row = by_url(page_rows(run=Run.objects.latest("pk")))["/lamp?b=1"]
        assert list(row) == list(PAGE_COLUMNS)
        assert row == {
            "url": f"{SITE}/lamp?b=1",
            "final_url": f"{SITE}/lamp?b=1#x",
            "status": 200,
            "outcome": "stored",
            "reason": None,
            "verdict": None,
            "evidence": None,
            "depth": 2,
            "content_type": "text/html",
            "fetched_at": "2026-03-10T13:00:00.400Z",
            "seed": "Shop",
            "title": "Lamp",
            "fields": {"name": "Lamp", "price": "13 EUR"},
        }
        assert list(row["fields"]) == ["name", "price"]  # as the rules have them

    def test_an_unchanged_row_shows_the_last_version(self, seed):
        row = by_url(page_rows(run=Run.objects.latest("pk")))["/"]
        assert (row["outcome"], row["status"], row["title"], row["fields"]) == ("unchanged", 304, "Shop", {})

    def test_every_outcome_of_a_run(self, seed):
        run = Run.objects.latest("pk")
        assert set(by_url(page_rows(run=run))) == {"/lamp?b=1", "/"}
        rows = by_url(page_rows(run=run, every_outcome=True))
        assert {url: (row["outcome"], row["reason"], row["status"]) for url, row in rows.items()} == {
            "/lamp?b=1": ("stored", None, 200),
            "/": ("unchanged", None, 304),
            "/old": ("redirected", None, 301),
            "/broken": ("failed", "http_500", 500),
            "/private": ("skipped", "robots", None),
        }
        assert {row["verdict"] for row in rows.values()} == {None}
        assert rows["/old"]["final_url"] == f"{SITE}/lamp"
        assert (rows["/broken"]["title"], rows["/broken"]["fields"]) == (None, {})

    def test_what_was_answered_instead_of_a_page_is_told_with_the_evidence(self, seed):
        run = crawl(seed, [Got(f"{SITE}/club", Outcome.FAILED, "login_page")], at=LATER + timedelta(hours=1))
        run.visits.update(detail="It asks for a password.")
        (row,) = page_rows(run=run, every_outcome=True)
        assert (row["verdict"], row["evidence"]) == ("login_page", "It asks for a password.")

    def test_queued_visits_are_no_rows(self, seed):
        run = crawl(seed, [], at=LATER + timedelta(hours=1), state=Run.State.OPEN, waiting=3)
        assert list(page_rows(run=run, every_outcome=True)) == []

    def test_a_seed_is_the_state_of_all_its_pages(self, seed):
        rows = by_url(page_rows(seed))
        assert {url: (row["outcome"], row["status"], row["depth"]) for url, row in rows.items()} == {
            "/": ("unchanged", 200, 0),
            "/lamp?b=1": ("stored", 200, 2),
            "/chair": ("stored", 200, 1),
        }
        assert rows["/lamp?b=1"]["fields"]["price"] == "13 EUR"
        assert rows["/"]["fetched_at"] == "2026-03-10T13:00:00.800Z"
        assert set(by_url(page_rows(seed, every_outcome=True))) == {*rows, "/old", "/broken", "/private"}

    def test_all_seeds_but_deleted_ones(self, seed):
        other = make_seed("Other")
        crawl(other, [Got("http://other.example/")])
        assert {row["seed"] for row in page_rows()} == {"Shop", "Other"}
        other.deleted_at = NOW
        other.save()
        assert {row["seed"] for row in page_rows()} == {"Shop"}

    def test_visits_may_be_pruned(self, seed):
        Visit.objects.all().delete()
        rows = by_url(page_rows(seed))
        assert {row["depth"] for row in rows.values()} == {None}
        assert len(rows) == 3


class TestRecords:
    def test_of_a_seed_the_things_as_they_are(self, seed):
        row = by_url(record_rows(seed))["/lamp?b=1"]
        assert list(row) == list(RECORD_COLUMNS)
        assert row == {
            "url": f"{SITE}/lamp?b=1",
            "collection": "pages",
            "key": [],
            "position": 0,
            "first_seen_at": "2026-03-10T12:00:00.800Z",
            "last_seen_at": "2026-03-10T13:00:00.400Z",
            "last_changed_at": "2026-03-10T13:00:00.400Z",
            "gone_at": None,
            "seed": "Shop",
            "record": Record.objects.get(page__url=f"{SITE}/lamp?b=1").pk,
            "content_hash": Snapshot.objects.latest("pk").digest,
            "fields": {"name": "Lamp", "price": "13 EUR"},
        }

    def test_what_is_found_unchanged_was_seen_then_and_what_is_gone_says_since_when(self, seed):
        Record.objects.filter(page__url__endswith="chair").update(gone_at=LATER)
        rows = by_url(record_rows(seed))
        assert rows["/"]["last_seen_at"] == "2026-03-10T13:00:00.800Z"
        assert rows["/"]["last_changed_at"] == "2026-03-10T12:00:00.400Z"
        assert rows["/chair"]["gone_at"] == "2026-03-10T13:00:00.000Z"

    def test_collections_follow_each_other_and_slices_meet(self, seed, monkeypatch):
        whole = list(record_rows(seed))
        Record.objects.filter(page__url__endswith="chair").update(collection="chairs")
        monkeypatch.setattr(reading, "SLICE", 1)
        rows = list(record_rows(seed))
        assert [row["collection"] for row in rows] == ["chairs", "pages", "pages"]
        assert {row["url"] for row in rows} == {row["url"] for row in whole}
        slices = record_rows(seed).slices
        (first, place), *rest = slices(reading.Place())
        assert [*first, *(row for part, _ in slices(place) for row in part)] == rows
        assert len(rest) == 2

    def test_a_record_has_values_by_the_newest_rules_and_a_run_keeps_its_own(self, seed):
        lamp, rules = f"{SITE}/lamp?b=1", seed.fields
        seed.fields = [{"name": "price", "css": ".amount"}]
        seed.save()
        again = crawl(seed, [Got(lamp, Outcome.UNCHANGED, fields={"price": "13"})], at=LATER + HOUR)

        def prices(rows) -> list[str]:
            return [row["fields"]["price"] for row in rows if row["url"] == lamp]

        before = Run.objects.order_by("pk")[1]
        assert prices(record_rows(seed)) == ["13"]
        assert prices(page_rows(seed)) == ["13"]
        assert prices(record_rows(run=again)) == prices(page_rows(run=again)) == ["13"]
        assert prices(record_rows(run=before)) == prices(page_rows(run=before)) == ["13 EUR"]
        seed.fields = rules  # back again: what has been read by them is the newest once more
        seed.save()
        back = Got(lamp, Outcome.UNCHANGED, fields={"name": "Lamp", "price": "13 EUR"})
        crawl(seed, [back], at=LATER + 2 * HOUR)
        assert prices(record_rows(seed)) == ["13 EUR"]
        assert prices(page_rows(seed)) == ["13 EUR"]

    def test_of_a_run_what_it_saw(self, seed):
        first, last = Run.objects.order_by("pk")
        rows = by_url(record_rows(run=last))
        assert {url: row["run"] for url, row in rows.items()} == {"/lamp?b=1": last.pk, "/": first.pk}


# What stands in data and begins like a formula; spreadsheets read all of it as a number or as a text.
NO_FORMULAS = ["+49 30 123456", "+49 (0)30 12", "-5 °C", "-12,50 €", "- 20 %", "-$5.00", "-5 km/h", "-1e-7"]
NO_FORMULAS += ["@example", "@example.org", "-", "--", "+3", "-3.5"]
# What they compute, or what reaches another cell or program.
FORMULAS = ["+A1", "-A1", "- A1", "@SUM(1+1)*cmd|'x'!A0", "-foo", "-2^3", "+1*2", "-1&2", "-1/2", "+49-30-12"]
FORMULAS += ["+1!A1", "-5+cmd|' /C calc'!A0", "@A1:B2", "\t=1+1", "\r=1+1", "＋A1", "－1+1", "＠SUM(1)"]


class TestFormats:
    def test_json_lines(self, seed):
        run = Run.objects.latest("pk")
        found = [json.loads(line) for line in text(page_rows(run=run), "jsonl").splitlines()]
        assert found == list(page_rows(run=run))

    def test_csv_has_a_column_for_each_field(self, seed):
        rules = seed.fields
        seed.fields = [{"name": "old rule", "css": "p"}]
        crawl(seed, [Got(f"{SITE}/bed", fields={"old rule": "x"})], at=LATER + timedelta(hours=1))
        seed.fields = rules
        out = text(page_rows(seed), "csv")
        header, *rows = csv.reader(io.StringIO(out, newline=""))
        columns = [column for column in PAGE_STATE_COLUMNS if column != "fields"]
        assert header == [*columns, "field_name", "field_price", "field_old rule"]
        cells = {row[0].removeprefix(SITE): row[-3:] for row in rows}
        assert cells["/lamp?b=1"] == ["Lamp", "13 EUR", ""]
        assert cells["/chair"] == ["Chair", "", ""]
        assert cells["/bed"] == ["", "", "x"]
        assert out.count("\r\n") == len(rows) + 1

    @pytest.mark.parametrize(
        ("value", "cell"),
        [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(1)", "'@SUM(1)"),
            ("＝1+1", "'＝1+1"),
            ("-12.50", "-12.50"),
            ("+3 %", "+3 %"),
            *((value, value) for value in NO_FORMULAS),
            *((value, f"'{value}") for value in FORMULAS),
            ("+1,000.5%", "+1,000.5%"),
            ('a "quoted", one\nline', 'a "quoted", one\nline'),
        ],
    )
    def test_csv_runs_no_formulas(self, value, cell):
        seed = make_seed(fields=[{"name": "f", "css": "p"}])
        crawl(seed, [Got(f"{SITE}/", title=value, fields={"f": value})])
        (row,) = csv.DictReader(io.StringIO(text(page_rows(seed), "csv"), newline=""))
        assert (row["title"], row["field_f"]) == (cell, cell)

    @pytest.mark.parametrize("form", ["jsonl", "csv"])
    def test_the_count_is_of_rows(self, seed, form):
        assert write_rows(io.BytesIO(), form, page_rows(seed)) == 3
        assert write_rows(io.BytesIO(), form, page_rows(make_seed())) == 0

    def test_blocks_are_the_same_text(self, seed, monkeypatch):
        monkeypatch.setattr(reading, "SLICE", 2)
        parts = list(row_blocks(page_rows(seed), "jsonl"))
        assert b"".join(parts).decode() == text(page_rows(seed), "jsonl")
        assert len(parts) > 1


class TestSize:
    @pytest.fixture
    def many(self, seed):
        """Many more pages, without versions of their own."""
        more_pages(Page.objects.first(), MANY)
        return seed

    def test_memory_is_flat(self, many):
        class Nowhere(io.BytesIO):
            def write(self, line: bytes) -> int:
                return len(line)

        write_rows(Nowhere(), "jsonl", page_rows(make_seed()))  # what is loaded once
        tracemalloc.start()
        assert write_rows(Nowhere(), "jsonl", page_rows(many)) == MANY + 3
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4_000_000

    def test_slices_meet(self, seed, monkeypatch):
        monkeypatch.setattr(reading, "SLICE", 2)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(by_url(page_rows(seed, every_outcome=True))) == 6
        assert len(queries) < 30


class TestMade:
    def make(self, **values) -> Export:
        export = Export.objects.create(**values)
        make_export(export.pk, LATER)
        export.refresh_from_db()
        return export

    def test_a_file_in_the_archive(self, seed):
        export = self.make(kind="pages", format="jsonl", seed=seed, every_outcome=True)
        assert (export.state, export.rows, export.finished_at) == ("done", 6, LATER)
        with storages["archive"].open(export.key) as file:
            assert file.read().decode() == text(page_rows(seed, every_outcome=True), "jsonl")

    def test_records_of_a_run(self, seed):
        export = self.make(kind="records", format="csv", run=Run.objects.latest("pk"))
        assert (export.key, export.rows) == (f"exports/{export.pk}.csv", 2)

    def test_a_failure_is_told(self, seed, monkeypatch, caplog):
        def full(*args):
            raise objects.ArchiveFull("no space is left for exports/1.csv")

        monkeypatch.setattr("pipelines.export.files.write_file", full)
        export = Export.objects.create(kind="pages", format="csv", seed=seed)
        with pytest.raises(ExportFailed, match="no space is left"):
            make_export(export.pk, LATER)
        export.refresh_from_db()
        assert (export.state, export.error) == ("failed", "no space is left for exports/1.csv")

    def test_once(self, seed):
        export = self.make(kind="pages", format="csv", seed=seed)
        make_export(export.pk, LATER + timedelta(days=1))
        make_export(export.pk + 1, LATER)
        export.refresh_from_db()
        assert export.finished_at == LATER


class TestOfRun:
    """Which run the command takes."""

    def test_the_latest_is_one_that_has_finished(self, seed):
        latest = Run.objects.latest("pk")
        under_way = crawl(seed, [], at=LATER + HOUR, state=Run.State.OPEN)
        again = crawl(seed, [], at=LATER + 2 * HOUR)
        Run.objects.filter(pk=again.pk).update(kind=Run.Kind.RECRAWL)
        assert find_run("latest", seed, unfinished=False) == latest
        assert find_run(str(again.pk), seed, unfinished=False) == again
        with pytest.raises(UsageError, match=f"give --run {under_way.pk} --unfinished"):
            find_run(str(under_way.pk), seed, unfinished=False)
        assert find_run(str(under_way.pk), seed, unfinished=True) == under_way

    def test_without_any_that_has_finished_the_words_name_the_one_under_way(self):
        seed = make_seed()
        with pytest.raises(UsageError, match="there is no run of the seed"):
            find_run("latest", seed, unfinished=False)
        run = crawl(seed, [], state=Run.State.OPEN)
        with pytest.raises(UsageError, match=f"run {run.pk} of the seed .* has not finished"):
            find_run("latest", seed, unfinished=False)
