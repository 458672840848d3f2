"""A file is checked against its manifest, and every value of it against the stored pages."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
import redis

from catalog.formats import FORMATS
from catalog.models import Export, Record, Seed
from console.commands import verify as command
from embedded.datadir import DataFolder
from pipelines.export import write_export
from pipelines.export.verify import read_manifest, verify
from pipelines.receipts.derive import NOT_KEPT
from tests import factories
from tests.factories import NOW
from tests.fakeweb import Answer, FakeWeb
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
TEAS = {
    "name": "teas",
    "items": {"css": "li"},
    "key": ["name"],
    "fields": [{"name": "name", "css": "b"}, {"name": "price", "css": "i", "type": "money", "locale": "de"}],
}


@pytest.fixture
def seed(web: FakeWeb, valkey: redis.Redis) -> Seed:
    """A list of teas, two of which changed, and a page with plain fields."""
    seed = factories.make_web_seed(web, fields=[{"name": "n", "css": "b"}], collections=[TEAS], max_depth=0)
    for price in ("12,50 €", "9,90 €"):
        web.on("/", Answer(body=f"<ul><li><b>Assam</b> <i>{price}</i></li><li><b>Ceylon</b></li></ul>"))
        crawl_seed(seed, valkey)
    return seed


def exported(folder: Path, form: str, **values: object) -> Path:
    file = folder / f"teas.{FORMATS[form].ending}"
    with file.open("wb") as out:
        manifest = write_export(out, Export(**{"kind": "records", "format": form} | values), NOW)
    file.with_name(f"{file.name}.manifest.json").write_text(json.dumps(manifest))
    return file


def checked(file: Path):
    return verify(file, read_manifest(file.with_name(f"{file.name}.manifest.json")))


def test_the_archive_gives_every_value_of_a_file_in_any_format(seed: Seed, tmp_path: Path):
    for form in (name for name, each in FORMATS.items() if not each.of_raw):
        result = checked(exported(tmp_path, form, seed=seed))
        assert (result.wrong, result.differences, dict(result.unchecked)) == ([], [], {}), form
        assert (result.rows, result.checked) == (3, 3)
    earlier = Record.objects.get(values__name="Assam").earlier.get()
    file = exported(tmp_path, "jsonl", seed=seed, as_of=earlier.since)
    assert b"12.5" in file.read_bytes()
    result = checked(file)
    assert (result.differences, result.checked) == ([], 3), "values of an earlier time"


def test_a_value_that_somebody_changed_is_named(
    seed: Seed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = exported(tmp_path, "csv", seed=seed)
    file.write_bytes(file.read_bytes().replace(b"9.9 EUR", b"1.9 EUR"))
    options = argparse.Namespace(file=file, manifest=None)
    assert command.run(options, DataFolder(tmp_path)) == command.DIFFERS
    out = capsys.readouterr().out
    assert "somebody has changed it" in out
    assert "field_price: '1.9 EUR' in the file, '9.9 EUR' by the archive" in out
    assert "the same values for 2 and others for 1" in out


def test_what_is_missing_is_told(seed: Seed, tmp_path: Path):
    """Rows of the file, and rows in the database that could say what a value is from."""
    file = exported(tmp_path, "jsonl", seed=seed)
    Record.objects.filter(values__name="Assam").delete()
    result = checked(file)
    assert dict(result.unchecked) == {NOT_KEPT: 1}
    assert (result.checked, result.differing, result.wrong) == (2, 0, [])
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    assert "It has 2 rows, and its manifest says 3." in checked(file).wrong
