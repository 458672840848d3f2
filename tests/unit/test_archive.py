"""Segments that other tools can read, and objects that are whole or not there."""

from __future__ import annotations

import errno
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from catalog.storage import PARTS, WholeFileStorage
from crawler.reading.record import ReadRecord
from crawler.requests.exchange import FetchResult
from pipelines import archive as store
from pipelines.archive.warc import response_body
from pipelines.handover import Fetched, Parsed

NOW = datetime(2026, 11, 23, 10, 15, 0, 250000, UTC)
BODY = "<html>größe\r\n\r\n</html>".encode() * 50


@pytest.fixture
def place(archive):
    """The archive's folder, empty."""
    return archive


def result(**changes) -> FetchResult:
    values = {
        "url": "https://example.org/a?b=c",
        "status": 200,
        "headers": (("content-type", "text/html"), ("content-encoding", "br"), ("content-length", "77")),
        "body": BODY,
    }
    return FetchResult(**(values | changes))


def records(data: bytes):
    """(record, payload) of each record, with every digest checked by warcio."""
    found = []
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        found.append((record, record.content_stream().read()))
    return found


class TestSegment:
    def test_warcio_reads_it(self):
        writer = store.SegmentWriter("Crawlbeat/1 (+https://example.org)")
        writer.add(result(), NOW)
        writer.add(result(url="https://example.org/empty", body=b"", status=204), NOW)
        (info, fields), (page, payload), (_, empty) = records(writer.bytes())
        assert info.rec_type == "warcinfo"
        assert b"software: Crawlbeat/1 (+https://example.org)" in fields
        assert page.rec_type == "response"
        assert page.rec_headers["WARC-Target-URI"] == "https://example.org/a?b=c"
        assert page.rec_headers["WARC-Date"] == "2026-11-23T10:15:00.250000Z"
        assert payload == BODY
        assert empty == b""

    def test_headers_tell_the_truth_of_the_stored_body(self):
        writer = store.SegmentWriter()
        writer.add(result(), NOW)
        headers = records(writer.bytes())[1][0].http_headers
        assert headers["Content-Length"] == str(len(BODY))
        assert headers["Content-Encoding"] is None
        assert headers["X-Archive-Orig-content-encoding"] == "br"
        assert headers["X-Archive-Orig-content-length"] == "77"
        assert headers["content-type"] == "text/html"

    def test_a_wrong_digest_would_be_noticed(self):
        writer = store.SegmentWriter()
        writer.add(result(), NOW, digest="0" * 64)
        with pytest.raises(Exception, match="digest"):
            records(writer.bytes())

    def test_revisits(self):
        writer = store.SegmentWriter()
        digest = store.content_digest(BODY)
        writer.add_revisit(result(status=304, body=b""), NOW, digest)
        writer.add_revisit(result(), NOW, digest, refers_to=NOW)
        _, (not_modified, _), (identical, payload) = records(writer.bytes())
        assert not_modified.rec_headers["WARC-Profile"].endswith("server-not-modified")
        assert identical.rec_headers["WARC-Profile"].endswith("identical-payload-digest")
        assert identical.rec_headers["WARC-Refers-To-Date"] == "2026-11-23T10:15:00.250000Z"
        assert identical.rec_headers["WARC-Payload-Digest"] == f"sha256:{digest}"
        assert payload == b""

    def test_a_header_cannot_forge_a_record(self):
        evil = "x\r\n\r\nWARC/1.1\r\nWARC-Type: response\x00\ud800"
        writer = store.SegmentWriter()
        place = writer.add(result(headers=((evil, evil), ("set-cookie", "a=b; \udce9"))), NOW)
        found = records(writer.bytes())
        assert len(found) == 2
        assert found[1][1] == BODY
        assert response_body(writer.bytes()[place[0] :][: place[1]]) == BODY

    @pytest.mark.parametrize("junk", [b"", b"junk", b"\x1f\x8b\x08\x00junk"])
    def test_what_is_no_record_is_refused(self, junk):
        with pytest.raises(ValueError, match="not a"):
            response_body(junk)

    def test_a_revisit_has_no_body_to_read(self):
        writer = store.SegmentWriter()
        offset, length = writer.add_revisit(result(status=304), NOW, "0" * 64)
        with pytest.raises(ValueError, match="not a response"):
            response_body(writer.bytes()[offset : offset + length])


@pytest.mark.usefixtures("place")
class TestObjects:
    def test_a_body_comes_back_by_its_range(self):
        writer = store.SegmentWriter()
        places = [writer.add(result(body=b"%d" % number), NOW) for number in range(5)]
        folder = store.new_folder(NOW)
        store.write_object(folder, store.SEGMENT, writer.bytes())
        assert [store.read_body(folder, *place) for place in places] == [
            b"0",
            b"1",
            b"2",
            b"3",
            b"4",
        ]
        with pytest.raises(store.ObjectDamaged, match="no readable record"):
            store.read_body(folder, places[1][0] + 1, places[1][1])

    def test_a_disk_that_fails_while_it_is_read_damages_nothing(self):
        class Failing(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                raise OSError(errno.EIO, "Input/output error")

        with pytest.raises(store.ArchiveError, match="record at 7: Input/output error") as raised:
            store.read_body_at(Failing(), 7, 100)
        assert not isinstance(raised.value, store.ObjectDamaged)

    def test_writing_again_replaces(self, place):
        for data in (b"one", b"two"):
            store.write_object("batches/x", "object", data)
        assert store.read_object("batches/x", "object") == b"two"
        assert [path.name for path in (place / "batches/x").iterdir()] == ["object"]

    def test_folders_have_names_of_their_own_that_tell_the_time(self):
        assert store.new_folder(NOW) != store.new_folder(NOW)
        assert store.new_folder(NOW).startswith("batches/2026/11/23/101500-")

    def test_missing_objects(self):
        with pytest.raises(store.ObjectMissing, match="batches/none/object"):
            store.read_object("batches/none", "object")
        store.delete_object("batches/none", "object")
        store.delete_folder("batches/none")

    def test_delete_folder(self, place):
        store.write_object("batches/x", "one", b"1")
        store.write_object("batches/x", "two", b"2")
        store.delete_folder("batches/x")
        assert list((place / "batches").iterdir()) == []

    @pytest.mark.parametrize("failing", ["fsync", "replace"])
    def test_a_full_disk_leaves_no_half_object(self, place, monkeypatch, failing):
        def full(*args):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(*(("os.fsync", full) if failing == "fsync" else (Path, "replace", full)))
        with pytest.raises(store.ArchiveFull, match=r"no space is left for batches/x/object"):
            store.write_object("batches/x", "object", b"data")
        assert [path for path in place.rglob("*") if path.is_file()] == []

    def test_parts_of_dead_writers_are_swept(self, place):
        (place / PARTS).mkdir()
        (place / PARTS / "left").write_bytes(b"half")
        storage = store.storage()
        assert isinstance(storage, WholeFileStorage)
        assert storage.remove_parts(older_than=3600) == 0
        assert storage.remove_parts(older_than=-1) == 1


class TestStageObjects:
    def test_round_trip(self):
        items = [
            Parsed(
                visit_id=number,
                title="é",
                records=(ReadRecord(collection="pages", values={"a": None, "b": "x"}),),
            )
            for number in range(3)
        ]
        assert store.load(store.dump(items), Parsed) == items
        assert store.load(store.dump([]), Parsed) == []

    @pytest.mark.parametrize("data", [b"", b"junk", store.dump([Parsed(visit_id=1)])])
    def test_damage_is_told(self, data):
        with pytest.raises(store.ArchiveError, match="not a list of Fetched"):
            store.load(data, Fetched)
