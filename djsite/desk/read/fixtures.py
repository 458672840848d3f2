"""Stored pages of a run as a folder with a test, for people who write extractors or upgrade Crawlbeat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from catalog.models import Reading, Run, Snapshot, Visit
from crawler.reading.own_code import names
from crawler.reading.rehearsal import PAGES, RULES
from pipelines.parse.stored import StoredBodies, StoredBody

NAME = 60  # characters of a page's name
_ENDINGS = {"html": "html", "xml": "xml", "json": "json", "csv": "csv", "plain": "txt"}
_TEST = '''"""Whether each stored page is read as it was. Written by `crawlbeat fixtures`."""

from pathlib import Path

import pytest

from crawler.reading.rehearsal import page_names, rehearse

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("page", page_names(FOLDER))
def test_a_page_is_read_as_it_was(page):
    now, before = rehearse(FOLDER, page)
    assert now == before
'''


def write_fixtures(run: Run, folder: Path, pages: int) -> int:
    """Write up to so many pages of a run that has rules; how many there are.

    Raises :class:`pipelines.archive.ArchiveError` when a body cannot be read, OSError when a file cannot be
    written.
    """
    (folder / PAGES).mkdir(parents=True, exist_ok=True)
    collections = [msgspec.structs.replace(each, code="") for each in run.policy.collections]
    rules = [each.plain() for each in collections]
    _write_json(folder / RULES, {"collections": rules, "extractors": str(names.folder())})
    count = 0
    for count, (version, stored, records) in enumerate(_pages(run, pages), start=1):
        _write_page(folder / PAGES, f"{count:03}-{_slug(version.final_url)}", version, stored, records)
    (folder / "test_pages.py").write_text(_TEST, encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {settings.BASE_DIR}\n", encoding="utf-8")
    return count


def _pages(run: Run, most: int) -> Iterator[tuple[Snapshot, StoredBody, Any]]:
    """Versions that a run stored or found again, with their bodies and what its rules read."""
    visits = Visit.objects.filter(run=run, snapshot__isnull=False).values_list("snapshot_id", flat=True)
    versions = list(Snapshot.objects.filter(pk__in=visits).order_by("final_url", "pk")[:most])
    readings = Reading.objects.filter(snapshot__in=versions, rule_set=run.rule_set_id)
    read = dict(readings.values_list("snapshot_id", "data"))
    bodies = StoredBodies([version.pk for version in versions])
    for version in versions:
        if version.pk in read:
            yield version, bodies.read(version.pk, headers=True), read[version.pk]


def _write_page(folder: Path, name: str, version: Snapshot, stored: StoredBody, records: Any) -> None:
    kind = stored.content_type.partition(";")[0]
    ending = next((ending for word, ending in _ENDINGS.items() if word in kind), "bin")
    body = f"{name}.body.{ending}"
    (folder / body).write_bytes(stored.body)
    page = {
        "url": version.final_url,
        "status": version.status,
        "content_type": stored.content_type,
        "headers": [list(pair) for pair in stored.headers],
        "body": body,
        "records": records,
    }
    _write_json(folder / f"{name}.json", page)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _slug(url: str) -> str:
    """A name for a page that says its address: letters and digits of its path and query."""
    parts = urlsplit(url)
    return re.sub(r"[^a-z0-9]+", "-", f"{parts.path} {parts.query}".lower()).strip("-")[:NAME] or "start"
