"""WACZ 1.1.1 (specs.webrecorder.net/wacz/1.1.1): a zip of a WARC file, its index, and its list of pages.

ReplayWeb.page and its like show the pages as they were.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec
from django.conf import settings

from pipelines.export.answers import Answer, answers_of
from pipelines.export.columns import Column
from pipelines.export.formats import warc
from pipelines.export.slices import Row

VERSION = "1.1.1"
WARC = "archive/data.warc.gz"
INDEX = "indexes/index.cdx"
PAGES = "pages/pages.jsonl"
_PAGES_HEAD = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})  # what people read as a page
_WWW = re.compile(r"www\d*\.")
_encode = msgspec.json.encode


def open_writer(file: IO[bytes], columns: Sequence[Column]) -> Writer:
    """Begin the WARC file in it."""
    return Writer(file)


def read_cells(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Address and time of each record that stands for a row."""
    with ZipFile(file) as packed, packed.open(WARC) as records:
        yield from warc.read_cells(records)


class Writer:
    """A record for each row; of answers also a line of the index, of documents a line of the pages."""

    def __init__(self, file: IO[bytes]) -> None:
        folder = Path(file.name).parent
        self._zip = ZipFile(file, "w")
        self._entry = _Entry(self._zip, WARC, ZIP_STORED)  # so that a record can be read by its range
        self._warc = warc.Writer(cast("IO[bytes]", self._entry))
        self._pages = (folder / "pages").open("w+b")
        self._pages.write(_encode(_PAGES_HEAD) + b"\n")
        self._index = sqlite3.connect(folder / "index", check_same_thread=False)  # it sorts, on the disk
        self._index.execute("PRAGMA journal_mode = OFF")
        self._index.execute("PRAGMA synchronous = OFF")
        self._index.execute("CREATE TABLE line (sort TEXT, text TEXT)")

    def write(self, part: list[Row]) -> None:
        for answer in answers_of(part):
            offset, length = self._warc.add(answer)
            if not answer.missing:
                self._add_lines(answer, offset, length)

    def _add_lines(self, answer: Answer, offset: int, length: int) -> None:
        row = answer.row
        url = row["final_url"].replace(" ", "%20")  # as the record has it
        sort = f"{sort_key(url)} {_digits(row['fetched_at'])}"
        entry = {
            "url": url,
            "mime": row["content_type"],
            "status": str(row["status"]),
            "digest": f"sha256:{row['content_hash']}",
            "length": str(length),
            "offset": str(offset),
            "filename": Path(WARC).name,
        }
        self._index.execute("INSERT INTO line VALUES (?, ?)", (sort, f"{sort} {_encode(entry).decode()}\n"))
        if row["content_type"] in _MARKUP:
            page = {"id": str(row["version"]), "url": url, "ts": row["fetched_at"], "title": row["title"]}
            self._pages.write(_encode(page) + b"\n")

    def close(self) -> None:
        """Add the index, the pages and what describes them all."""
        with closing(self._index), self._pages:
            self._entry.close()
            with closing(_Entry(self._zip, INDEX)) as index:
                for (line,) in self._index.execute("SELECT text FROM line ORDER BY sort, rowid"):
                    index.write(line.encode())
            self._pages.seek(0)
            with closing(_Entry(self._zip, PAGES)) as pages:
                shutil.copyfileobj(self._pages, pages)
            self._describe([self._entry, index, pages])
            self._zip.close()

    def _describe(self, entries: Sequence[_Entry]) -> None:
        package = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "created": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "software": settings.USER_AGENT,
            "resources": [entry.resource for entry in entries],
        }
        text = msgspec.json.format(_encode(package))
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}
        for name, data in (("datapackage.json", text), ("datapackage-digest.json", _encode(digest))):
            with closing(_Entry(self._zip, name)) as entry:
                entry.write(data)


class _Entry(io.RawIOBase):
    """A file of the zip while it is written; knows its size and checksum."""

    def __init__(self, archive: ZipFile, name: str, packing: int = ZIP_DEFLATED) -> None:
        super().__init__()
        info = ZipInfo(name)
        info.compress_type = packing
        self._file = archive.open(info, "w", force_zip64=True)
        self._name, self._size, self._hash = name, 0, hashlib.sha256()

    @property
    def resource(self) -> dict[str, Any]:
        """How the package lists it."""
        checksum = f"sha256:{self._hash.hexdigest()}"
        return {"name": Path(self._name).name, "path": self._name, "hash": checksum, "bytes": self._size}

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._file.write(data)
        self._hash.update(data)
        self._size += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def sort_key(url: str) -> str:
    """The address as an index has it, its host from the end: ``com,example)/path?a=1`` (CDXJ, "SURT")."""
    parts = urlsplit(url)
    host = _WWW.sub("", parts.hostname or "", count=1) if _WWW.match(parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    labels = ",".join(reversed((host or "").split(".")))
    return f"{labels}{port}){parts.path or '/'}{f'?{query}' if query else ''}".lower()


def _digits(moment: str) -> str:
    """``20260310120000``"""
    return re.sub(r"\D", "", moment)[:14]
