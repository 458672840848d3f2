"""Exports made in parts: any worker goes on where the last whole part ended, and never two at once."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Export, Page, Run
from crawler.outcomes import Outcome
from pipelines import work_leases
from pipelines.export import (
    ExportFailed,
    exports_to_make,
    files,
    make_export,
    page_rows,
    row_blocks,
    write_rows,
)
from pipelines.export import slices as reading
from pipelines.export.rows import rows_of_export
from pipelines.prune import prune
from tests.factories import NOW, Got, crawl, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def seed(monkeypatch):
    """A seed of nine pages, of which one failed in the latest run; read two rows at a time."""
    monkeypatch.setattr(reading, "SLICE", 2)
    seed = make_seed("Shop", fields=[{"name": "n", "css": "p"}])
    crawl(seed, [Got(f"{SITE}/{number}", fields={"n": str(number)}) for number in range(9)])
    crawl(seed, [Got(f"{SITE}/0", Outcome.FAILED, "http_500", 500)], at=NOW + MINUTE)
    return seed


@pytest.fixture
def small_parts(monkeypatch):
    """A part ends after the first slice."""
    monkeypatch.setattr(files, "PART_SECONDS", 0.0)


def ask(**values) -> Export:
    return Export.objects.create(**({"kind": "pages", "format": "csv"} | values))


def make_all(export: Export, most: int = 30) -> int:
    """Make every part, each by another task; how many there were."""
    for number in range(most):
        export.refresh_from_db()
        if export.state != Export.State.WAITING:
            return number
        make_export(export.pk, NOW)
    raise AssertionError("it never ends")


def content(export: Export) -> bytes:
    with storages["archive"].open(export.key) as file:
        return file.read()


def at_once(export: Export) -> bytes:
    file = io.BytesIO()
    write_rows(file, export.format, rows_of_export(export))
    return file.getvalue()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["pages", "records"])
@pytest.mark.parametrize("of", ["seed", "run", "all"])
@pytest.mark.usefixtures("small_parts")
def test_a_file_of_many_parts_is_the_file_of_one(seed, archive: Path, form, kind, of):
    crawl(make_seed(), [Got(f"http://other.example/{number}", fields={}) for number in range(3)])
    owner = {"seed": {"seed": seed}, "run": {"run": Run.objects.order_by("pk")[0]}, "all": {}}[of]
    export = ask(kind=kind, format=form, every_outcome=kind == "pages", **owner)
    assert make_all(export) > 3
    assert (export.state, export.parts) == ("done", [])
    assert content(export) == at_once(export)
    assert export.rows == export.manifest["rows"] == len(list(rows_of_export(export)))
    assert [path.name for path in (archive / "exports").iterdir()] == [f"{export.pk}.{form}"]


@pytest.mark.usefixtures("small_parts")
def test_all_parts_have_the_columns_of_the_first(seed):
    export = ask(seed=seed)
    make_export(export.pk, NOW)
    seed.fields = [{"name": "another", "css": "p"}]
    seed.save()
    make_all(export)
    lines = content(export).decode().splitlines()
    assert {line.count(",") for line in lines} == {lines[0].count(",")}
    assert lines[0].endswith(",field_n")


@pytest.mark.usefixtures("small_parts")
def test_a_dead_workers_part_is_made_again_after_its_lease(seed):
    export = ask(seed=seed)
    make_export(export.pk, NOW)
    row = Export.objects.filter(pk=export.pk)
    assert work_leases.take(row, NOW)  # and dies
    make_export(export.pk, NOW)
    assert len(row.get().parts) == 1
    assert exports_to_make(NOW) == []
    later = work_leases.until(NOW)
    assert exports_to_make(later) == [export]
    make_export(export.pk, later)
    assert len(row.get().parts) == 2


@pytest.mark.usefixtures("small_parts")
def test_a_worker_that_was_away_too_long_changes_nothing(seed, monkeypatch):
    """It stands still in its part until another has made the whole file."""
    export = ask(seed=seed)
    real = files._write_draft
    away: list[bool] = []

    def slow(*args):
        draft = real(*args)
        if not away:
            away.append(True)
            Export.objects.filter(pk=export.pk).update(lease_until=NOW)
            make_all(export)
        return draft

    monkeypatch.setattr(files, "_write_draft", slow)
    make_export(export.pk, NOW)
    export.refresh_from_db()
    assert (export.state, export.parts, export.rows) == ("done", [], 9)
    assert content(export) == at_once(export)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("form", ["parquet", "sqlite"])
def test_a_worker_may_die_after_any_part_and_while_the_file_is_made(seed, monkeypatch, form):
    """Nothing is lost and nothing doubled: the file is that of workers who lived."""
    export = ask(seed=seed, format=form)
    with monkeypatch.context() as dying:
        dying.setattr(files, "write_file", dies_after(3, files.write_file))
        for number in range(30):
            with contextlib.suppress(KeyboardInterrupt):
                make_export(export.pk, NOW + number * HOUR)  # each time, the lease of the dead one has ended
            export.refresh_from_db()
            if export.state != Export.State.WAITING:
                break
    assert (export.state, export.rows) == ("done", 9)
    assert content(export) == at_once(export)
    assert export.manifest["sha256"] == hashlib.sha256(content(export)).hexdigest()


def dies_after(number, write):
    """Every so many calls, the object is written, and the process is killed before it can say so."""
    calls = itertools.count(1)

    def writing(*args):
        write(*args)
        if next(calls) % number != 1:
            raise KeyboardInterrupt

    return writing


def test_after_three_deaths_at_one_place_people_are_told(seed):
    export = ask(seed=seed, attempts=files.MOST_ATTEMPTS)
    with pytest.raises(ExportFailed, match="begun 3 times and never got further"):
        make_export(export.pk, NOW)
    export.refresh_from_db()
    assert (export.state, export.finished_at) == ("failed", NOW)
    assert "Ask for it again, or for less" in export.error


@pytest.mark.usefixtures("small_parts")
def test_a_part_that_is_whole_clears_the_attempts(seed):
    export = ask(seed=seed, attempts=files.MOST_ATTEMPTS - 1)
    make_export(export.pk, NOW)
    export.refresh_from_db()
    assert (export.attempts, len(export.parts)) == (0, 1)


@pytest.mark.usefixtures("small_parts")
def test_parts_of_an_export_that_failed_are_pruned_and_others_stay(seed, archive: Path):
    failed, waiting = ask(seed=seed), ask(seed=seed)
    for export in (failed, waiting):
        make_export(export.pk, NOW)
    Export.objects.filter(pk=failed.pk).update(state=Export.State.FAILED, finished_at=NOW)
    assert prune(NOW, seconds=600.0)
    assert [path.name for path in (archive / "exports").iterdir()] == [str(waiting.pk)]
    make_all(waiting)
    assert content(waiting) == at_once(waiting)


def test_a_worker_that_stops_ends_its_part_early(seed):
    export = ask(seed=seed)
    make_export(export.pk, NOW, lambda: True)
    export.refresh_from_db()
    assert (len(export.parts), export.rows, export.lease_until) == (1, 2, None)


@pytest.mark.usefixtures("small_parts")
def test_only_some_are_made_at_once_and_all_get_their_turn(seed):
    exports = [ask(seed=seed) for _ in range(4)]
    assert exports_to_make(NOW) == exports[: files.AT_ONCE]
    for export in exports[:2]:
        make_export(export.pk, NOW)
    assert exports_to_make(NOW + MINUTE) == exports[2:]
    for export in exports[2:]:
        assert work_leases.take(Export.objects.filter(pk=export.pk), NOW)
    make_export(exports[0].pk, NOW)
    exports[0].refresh_from_db()
    assert len(exports[0].parts) == 1
    assert exports_to_make(NOW) == []


def test_a_csv_begins_before_any_row_is_read(seed):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        header = next(row_blocks(page_rows(seed), "csv")).decode()
    assert header.startswith("url,") and header.endswith("field_n\r\n")
    assert not [query for query in queries if Page._meta.db_table in query["sql"]]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "The file cannot be written in /"),
        (ValueError("surrogates not allowed"), "A value cannot be written: surrogates"),
    ],
)
def test_a_failure_is_told_in_words(seed, monkeypatch, error, words):
    def broken(*args):
        raise error

    monkeypatch.setattr(files, "_write_draft", broken)
    export = ask(seed=seed)
    with pytest.raises(ExportFailed, match=words):
        make_export(export.pk, NOW)
    export.refresh_from_db()
    assert export.error.startswith(words)
