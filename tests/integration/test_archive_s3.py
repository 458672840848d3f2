"""The archive on S3: the same calls, another storage, over real HTTP."""

from __future__ import annotations

import copy
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from catalog.models import Export
from crawler.requests.exchange import FetchResult
from pipelines import archive
from pipelines.archive import segments
from pipelines.export import ExportFailed, files, make_export, page_rows, slices, write_rows
from pipelines.prune import prune
from tests import fakes3
from tests.factories import Got, crawl, make_seed

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


@pytest.fixture
def bucket(settings, monkeypatch) -> Iterator[fakes3.Bucket]:
    """The archive's storage is a bucket, with the options that the settings give it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-the-tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with fakes3.serving() as bucket:
        storages = copy.deepcopy(settings.STORAGES)
        storages["archive"] = settings.ARCHIVE_ON_S3 | {
            "OPTIONS": settings.ARCHIVE_ON_S3["OPTIONS"]
            | {"bucket_name": "crawl", "endpoint_url": bucket.url}
        }
        settings.STORAGES = storages
        yield bucket


def test_records_come_back_by_their_range(bucket):
    writer = archive.SegmentWriter()
    places = [
        writer.add(FetchResult(url="http://a.example/", status=200, body=b"%d" % n), NOW) for n in range(3)
    ]
    folder = archive.new_folder(NOW)
    archive.write_object(folder, archive.SEGMENT, writer.bytes())
    assert [archive.read_body(folder, *place) for place in places] == [b"0", b"1", b"2"]
    assert bucket.objects[f"{folder}/{archive.SEGMENT}"] == writer.bytes()


def test_only_what_is_read_of_a_segment_is_fetched(bucket):
    """One record for itself; of many in a row, larger and larger pieces, and each byte about once."""
    writer, bodies = archive.SegmentWriter(), [random.Random(n).randbytes(20_000) for n in range(60)]
    places = [writer.add(FetchResult(url="http://a.example/", status=200, body=body), NOW) for body in bodies]
    folder = archive.new_folder(NOW)
    archive.write_object(folder, archive.SEGMENT, writer.bytes())
    bucket.sent.clear()
    assert archive.read_body(folder, *places[40]) == bodies[40]
    assert bucket.sent == [segments.LEAST]
    bucket.sent.clear()
    with archive.open_segment(folder) as segment:
        assert [archive.read_body_at(segment, *place) for place in places] == bodies
        assert archive.read_body_at(segment, *places[0]) == bodies[0]
        assert segment.read(0) == b""
    assert len(bucket.sent) < 8
    assert sum(bucket.sent) < 1.2 * writer.size
    bucket.objects.clear()
    with pytest.raises(archive.ObjectMissing, match=folder), archive.open_segment(folder):
        pass


def test_a_segment_that_goes_while_it_is_read_is_no_damage(bucket):
    writer = archive.SegmentWriter()
    place = writer.add(FetchResult(url="http://a.example/", status=200, body=b"x"), NOW)
    archive.write_object("batches/x", archive.SEGMENT, writer.bytes())
    with archive.open_segment("batches/x") as segment:
        bucket.objects.clear()
        with pytest.raises(archive.ArchiveError, match="batches/x.*404") as raised:
            archive.read_body_at(segment, *place)
    assert not isinstance(raised.value, archive.ObjectDamaged)


def test_a_segment_is_stored_as_it_is(bucket):
    """No Content-Encoding: a proxy that unpacked the segment would break every offset."""
    archive.write_object("batches/x", archive.SEGMENT, b"data")
    encoding = bucket.headers[f"batches/x/{archive.SEGMENT}"].get("content-encoding", "")
    assert encoding.replace("aws-chunked", "") == ""


def test_replacing_deleting_missing(bucket):
    archive.write_object("batches/x", "object", b"one")
    archive.write_object("batches/x", "object", b"two")
    assert archive.read_object("batches/x", "object") == b"two"
    archive.delete_folder("batches/x")
    archive.delete_folder("batches/x")
    archive.delete_object("batches/x", "object")
    with pytest.raises(archive.ObjectMissing, match="batches/x/object"):
        archive.read_object("batches/x", "object")


def test_sizes_and_refusals_are_told_as_those_of_a_folder(bucket):
    archive.write_object("batches/x", "object", b"four")
    assert archive.object_size("batches/x", "object") == 4
    with pytest.raises(archive.ObjectMissing, match="batches/x/other"):
        archive.object_size("batches/x", "other")
    bucket.refuses = True
    with pytest.raises(archive.ArchiveError, match="batches/x/object: .*PutObject.*403|Forbidden"):
        archive.write_object("batches/x", "object", b"five")


@pytest.mark.django_db
def test_an_export_that_the_archive_refuses_says_so(bucket):
    bucket.refuses = True
    export = Export.objects.create(kind="pages", format="jsonl", seed=make_seed())
    with pytest.raises(ExportFailed):
        make_export(export.pk, NOW)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert f"exports/{export.pk}.jsonl" in export.error


@pytest.mark.django_db
def test_the_parts_of_an_export_are_joined(bucket, monkeypatch):
    monkeypatch.setattr(files, "PART_SECONDS", 0.0)
    monkeypatch.setattr(slices, "SLICE", 2)
    seed = make_seed()
    crawl(seed, [Got(f"http://shop.example/{number}") for number in range(7)], at=NOW)
    before = set(bucket.objects)
    export = Export.objects.create(kind="pages", format="jsonl", seed=seed)
    for _ in range(5):
        make_export(export.pk, NOW)
    text = io.BytesIO()
    write_rows(text, "jsonl", page_rows(seed))
    key = f"exports/{export.pk}.jsonl"
    assert bucket.objects[key] == text.getvalue()
    assert set(bucket.objects) == {*before, key}


@pytest.mark.django_db
def test_exports_and_pruning(bucket):
    seed = make_seed()
    crawl(seed, [Got("http://shop.example/")], at=NOW)
    export = Export.objects.create(kind="pages", format="jsonl", seed=seed)
    make_export(export.pk, NOW)
    kept = set(bucket.objects)
    assert f"exports/{export.pk}.jsonl" in kept
    archive.write_object("batches/2026/11/23/000000-orphan", archive.SEGMENT, b"x")
    archive.write_object("exports", "999999.csv", b"x")
    assert prune(NOW, seconds=600)
    assert set(bucket.objects) == kept
