"""Sources of other packages, and what is loaded when."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from crawler.reading import sources
from crawler.reading.document import Document
from crawler.reading.reader import read_document
from tests.harness.environment import ROOT

READ_A_PAGE = """
import sys
from crawler.reading.reader import read_document
read_document(b"<p>words", "text/html", "")
print({"pypdfium2", "python_calamine"} & sys.modules.keys())
"""


@pytest.fixture
def _own_source(monkeypatch):
    def read(body: bytes, content_type: str) -> Document:
        return Document("utf-8", "own", data={"own": len(body)})

    source = SimpleNamespace(sniff=lambda body, content_type: body.startswith(b"OWN"), read=read)
    entry = SimpleNamespace(load=lambda: source)
    monkeypatch.setattr(sources, "entry_points", lambda *, group: [entry] if group == sources.GROUP else [])
    sources._sources.cache_clear()
    yield
    sources._sources.cache_clear()


@pytest.mark.usefixtures("_own_source")
def test_a_source_of_another_package_is_asked_first():
    assert read_document(b"OWN {}", "application/json", "").data == {"own": 6}
    assert read_document(b"{}", "application/json", "").data == {}


def test_large_libraries_are_loaded_when_they_are_needed():
    child = subprocess.run([sys.executable, "-c", READ_A_PAGE], cwd=ROOT, capture_output=True, check=True)
    assert child.stdout == b"set()\n"
