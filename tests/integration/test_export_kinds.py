"""Exports of values over time, of what changed, and of the answers themselves."""

from __future__ import annotations

import gzip
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from warcio.archiveiterator import ArchiveIterator

from catalog.models import Event, Export, Page, Record, RecordVersion, Run, Seed, Snapshot
from crawler.outcomes import Outcome
from pipelines import archive as objects
from pipelines.export import slices as reading
from pipelines.export import write_rows
from pipelines.export.formats import read_cells
from pipelines.export.formats.wacz import sort_key
from pipelines.export.rows import rows_of
from pipelines.export.slices import Place
from tests.factories import NOW, Got, crawl, make_event, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
HOUR = timedelta(hours=1)
LAMP, CHAIR = f"{SITE}/lamp?b=2&a=1", f"{SITE}/chair"


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch) -> Seed:
    """A lamp with three prices, and a chair that never changed; read two rows at a time."""
    monkeypatch.setattr(reading, "SLICE", 2)
    seed = make_seed("Shop", fields=[{"name": "price", "css": "p"}])
    for hours, price in enumerate(("12", "11", "10")):
        chair = Got(CHAIR, Outcome.UNCHANGED if hours else Outcome.STORED, fields={"price": "5"})
        crawl(seed, [Got(LAMP, title=f"Lamp {price}", fields={"price": price}), chair], at=NOW + hours * HOUR)
    lamp = Record.objects.get(page__url__contains="lamp")
    RecordVersion.objects.filter(record=lamp).delete()
    first, second, _ = Snapshot.objects.filter(page=lamp.page).order_by("pk")
    for hours, (price, snapshot) in enumerate((("12", first), ("11", second))):
        since = NOW + hours * HOUR
        RecordVersion.objects.create(
            record=lamp,
            values={"price": price},
            snapshot=snapshot,
            rule_set=lamp.rule_set,
            since=since,
            until=since + HOUR,
        )
    return seed


def written(form: str, kind: str, seed: Seed | None, run: Run | None = None) -> bytes:
    file = io.BytesIO()
    write_rows(file, form, rows_of(kind, seed, run))
    return file.getvalue()


@pytest.mark.parametrize("kind", ["versions", "changes", "raw"])
def test_rows_go_on_from_any_place(seed: Seed, kind: str):
    """As workers do that make a part each; the rows of other seeds follow."""
    for number in range(5):
        make_event(seed, kind=1 + number % 3)
    crawl(make_seed("Other", fields=[{"name": "price", "css": "p"}]), [Got("http://b.example/", fields={})])
    rows = rows_of(kind)
    whole = list(rows)
    assert len(whole) > 4
    read: list[Any] = []
    for part, place in rows.slices(Place()):
        read += part
        assert [*read, *(row for rest, _ in rows.slices(place) for row in rest)] == whole


def test_versions_are_all_values_of_a_record_with_since_when_and_until_when(seed: Seed):
    lamp = Record.objects.get(page__url__contains="lamp")
    rows = [row for row in rows_of("versions", seed) if row["record"] == lamp.pk]
    assert [row["fields"]["price"] for row in rows] == ["10", "11", "12"]
    assert [row["since"][11:16] for row in rows] == ["14:00", "13:00", "12:00"]
    assert [row["until"] and row["until"][11:16] for row in rows] == [None, "14:00", "13:00"]
    hashes = Snapshot.objects.filter(page=lamp.page).order_by("-pk").values_list("digest", flat=True)
    assert [row["content_hash"] for row in rows] == list(hashes)
    columns = {column.name: column.type for column in rows_of("versions", seed).columns}
    assert (columns["since"], columns["field_price"]) == ("moment", "text")


def test_changes_are_what_was_what_is_and_when_without_what_was_withdrawn(seed: Seed):
    run = Run.objects.latest("pk")
    new = make_event(seed, kind=Event.Kind.RECORD_NEW, after={"price": "1"}, run_id=run.pk)
    fell = make_event(seed, run_id=run.pk)
    make_event(seed, kind=Event.Kind.PAGE_CHANGED)  # its seed reads records
    make_event(seed, state=Event.State.WITHDRAWN)
    elsewhere = make_event(seed)
    assert [row["id"] for row in rows_of("changes", seed)] == [new.pk, fell.pk, elsewhere.pk]
    row = list(rows_of("changes", run=run))[1]
    assert (row["kind"], row["field"], row["percent"]) == ("changed", "price", -20.8)
    assert row["before"] == {"amount": 12.5, "currency": "EUR"}
    assert row["after"] == {"amount": 9.9, "currency": "EUR"}
    assert written("csv", "changes", seed).count(b"12.5 EUR,9.9 EUR,-2.6,-20.8") == 2


def test_of_seeds_that_read_no_records_changes_are_those_of_pages():
    seed = make_seed("Plain", fields=[])
    changed = make_event(seed, kind=Event.Kind.PAGE_CHANGED)
    assert [row["id"] for row in rows_of("changes", seed)] == [changed.pk]


def records_in(data: bytes) -> list[tuple[str, str, bytes]]:
    """Type, address and payload of each record, with every digest checked."""
    return [
        (record.rec_type, record.rec_headers["WARC-Target-URI"], record.content_stream().read())
        for record in ArchiveIterator(io.BytesIO(data), check_digests="raise")
    ]


def test_a_warc_has_every_stored_answer_of_a_seed_or_what_a_run_shows(seed: Seed):
    about, *answers = records_in(written("warc", "raw", seed))
    assert about[0] == "warcinfo"
    assert sorted(url for _, url, _ in answers) == [CHAIR, LAMP, LAMP, LAMP]
    bodies = {objects.content_digest(body) for _, _, body in answers}
    assert bodies == set(Snapshot.objects.values_list("digest", flat=True))
    of_run = written("warc", "raw", None, Run.objects.latest("pk"))
    assert sorted(url for _, url, _ in records_in(of_run)[1:]) == [CHAIR, LAMP]
    assert len(list(read_cells(io.BytesIO(of_run), "warc"))) == 2


def test_an_answer_that_the_archive_lost_is_told_in_the_file(seed: Seed, caplog: pytest.LogCaptureFixture):
    lost = Snapshot.objects.earliest("pk")
    objects.delete_folder(lost.batch.folder)
    kinds = [kind for kind, _, _ in records_in(written("warc", "raw", seed))]
    assert sorted(kinds) == ["metadata", "metadata", "response", "response", "warcinfo"]
    assert "is not in the archive" in caplog.text


def test_a_wacz_lists_its_pages_and_finds_each_answer_by_its_index(seed: Seed, tmp_path: Path):
    data = written("wacz", "raw", seed)
    with ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        files = {name: packed.read(name) for name in packed.namelist()}
    package = json.loads(files["datapackage.json"])
    assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
    listed = {each["path"]: (each["bytes"], each["hash"]) for each in package["resources"]}
    named = ("archive/data.warc.gz", "indexes/index.cdx", "pages/pages.jsonl")
    assert listed == {
        name: (len(files[name]), f"sha256:{objects.content_digest(files[name])}") for name in named
    }
    head, *pages = map(json.loads, files["pages/pages.jsonl"].splitlines())
    assert head["format"] == "json-pages-1.0"
    assert sorted((page["url"], page["title"]) for page in pages)[-1] == (LAMP, "Lamp 12")
    index = files["indexes/index.cdx"].decode().splitlines()
    assert index == sorted(index) and len(index) == 4
    for line in index:
        key, at, text = line.split(" ", 2)
        entry = json.loads(text)
        begin, length = int(entry["offset"]), int(entry["length"])
        ((kind, url, body),) = records_in(files["archive/data.warc.gz"][begin : begin + length])
        assert (kind, url) == ("response", entry["url"])
        assert entry["digest"] == f"sha256:{objects.content_digest(body)}"
        assert key == sort_key(url) and len(at) == 14
    assert [*read_cells(io.BytesIO(data), "wacz")] == [*read_cells(io.BytesIO(files[named[0]]), "warc")]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.com", "com,example)/"),
        ("http://example.com:8080/A/b?z=1&a=%C3%A9", "com,example:8080)/a/b?a=%c3%a9&z=1"),
        ("http://www2.a.b/?", "b,a)/"),
    ],
)
def test_the_index_has_addresses_from_their_end(url: str, key: str):
    assert sort_key(url) == key


def test_much_at_once_waits_on_the_disk(seed: Seed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipelines.export.formats.MOST_WAITING", 10)
    whole = written("warc", "raw", seed)
    assert len(records_in(whole)) == 5
    assert gzip.decompress(whole).startswith(b"WARC/1.1\r\n")
    assert Page.objects.count() == 2 and not Export.objects.exists()
