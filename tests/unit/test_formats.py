"""Every format of an export: it can be written, counts its rows, and people can choose it."""

from __future__ import annotations

import io

import pytest

from catalog.formats import FORMATS
from catalog.models import Export
from djsite.browse.forms import ExportForm
from pipelines.export import Rows, blocks, write_rows
from pipelines.export.formats import WRITERS

ROWS = [{"url": f"http://a.test/{number}", "fields": {"price": None}} for number in range(3)]


def rows(number: int) -> Rows:
    return Rows(("url", "fields"), lambda place: iter([(ROWS[:number], place)]), lambda: ["price"])


def test_each_format_has_a_writer_and_is_offered():
    assert set(WRITERS) == set(FORMATS)
    assert [name for name, _ in Export._meta.get_field("format").choices] == list(FORMATS)
    assert [name for name, _ in ExportForm.base_fields["format"].choices] == list(FORMATS)
    assert all(len(name) <= Export._meta.get_field("format").max_length for name in FORMATS)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_file_holds_as_many_rows_as_it_says(name: str, number: int):
    file = io.StringIO()
    assert write_rows(file, name, rows(number)) == number
    text = file.getvalue()
    assert text == "".join(blocks(rows(number), name))
    assert text.count("http://a.test/") == number
