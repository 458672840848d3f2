"""Extractors in Python: what they are given, what is taken of them, and that none can hurt its parser."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.collections import Collection, rules_digest
from crawler.reading.extractor import compile_collections
from crawler.reading.own_code import child, names, server
from crawler.reading.reader import read_document
from crawler.reading.record import ReadRecord
from crawler.seeds import check
from tests.harness.waiting import PATIENCE

HTML = b"""<html><title>Teas</title>
<script type="application/ld+json">{"@type": "Store", "name": "Ours"}</script>
<li data-sku="a">Green</li><li data-sku="b">Black</li>"""
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "python-extractors.md"
SHOP = """
from crawler.reading.own_code import Link, Record

def extract(page):
    for item in page.soup.select("li"):
        yield {"sku": item["data-sku"], "name": item.get_text()}
    yield Link("/more")
    yield Record("shops", {"name": page.json_ld[0]["name"], "title": page.title, "status": page.status})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = names.folder()
    names.look_in(tmp_path)
    yield tmp_path
    server.SERVERS.end()
    names.look_in(before)


def read(name: str, *collections: str) -> tuple[list[ReadRecord], list[str], list[str]]:
    """Records, links and warnings."""
    document = read_document(HTML, "text/html", "")
    document.url, document.body = "http://shop.test/", HTML
    document.headers = (("content-type", "text/html"),)
    made = tuple(Collection(name=each, fields=(), extractor=name, key=("sku",)) for each in collections)
    extractor = compile_collections(made)
    warnings: list[str] = []
    return extractor.read(document, warnings), extractor.links(document), warnings


def write(folder: Path, code: str, name: str = "shop") -> None:
    (folder / f"{name}.py").write_text(code)


def test_records_go_to_their_collections_and_links_are_followed(folder: Path) -> None:
    write(folder, SHOP)
    records, links, warnings = read("shop", "teas", "shops")
    assert [(each.collection, each.position, each.key, each.values) for each in records] == [
        ("teas", 0, ("a",), {"sku": "a", "name": "Green"}),
        ("teas", 1, ("b",), {"sku": "b", "name": "Black"}),
        ("shops", 0, None, {"name": "Ours", "title": "Teas", "status": 200}),
    ]
    assert (links, warnings) == (["/more"], [])


def test_the_example_of_the_how_to_reads_what_it_says(folder: Path) -> None:
    write(folder, HOW_TO.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0])
    records, links, warnings = read("shop", "teas", "shops")
    assert [(each.collection, each.values) for each in records] == [
        ("teas", {"sku": "a", "name": "Green"}),
        ("teas", {"sku": "b", "name": "Black"}),
        ("shops", {"title": "Teas"}),
    ]
    assert (links, warnings) == (["/details/a", "/details/b"], [])


def test_a_record_of_an_unknown_collection_is_named(folder: Path) -> None:
    write(folder, SHOP)
    records, _, (warning,) = read("shop", "teas")
    assert [each.collection for each in records] == ["teas", "teas"]
    assert "'shops', which is none of its collections here: teas" in warning


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("yield {'a': 1}\n    yield {'a': {}['b']}", "failed. shop.py, line 3: KeyError: 'b'"),
        ("yield {'a': 1}\n    yield {'when': __import__('datetime').date.today()}", "which JSON cannot hold"),
        ("yield {'a': 1}\n    yield {'x': float('nan')}", "record 2, 'x' is no number that JSON can hold"),
        ("yield {'a': 1}\n    yield 5", "It yields a int. Yield a dict, a Record or a Link."),
        ("yield {'a': 1}\n    yield {'b': 'x' * 1_000_001}", "Only its first 1 MB of values"),
        ("yield {'a': 1}\n    import sys; sys.exit(0)", "SystemExit"),
        ("yield {'a': 1}\n    b = 'x' * (3 << 30)", "it takes too much memory"),
    ],
)
def test_a_mistake_is_a_sentence_and_what_came_before_is_kept(folder: Path, body: str, sentence: str) -> None:
    write(folder, f"def extract(page):\n    {body}\n")
    records, _, (warning,) = read("shop", "teas")
    assert [each.values for each in records] == [{"a": 1}]
    assert sentence in warning


def test_at_most_so_many_records_are_taken(folder: Path) -> None:
    write(folder, "def extract(page):\n    while True:\n        yield {'a': 1}\n")
    records, _, (warning,) = read("shop", "teas")
    assert len(records) == 10_000
    assert "Only its first 10,000 records" in warning


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "import signal, time; signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    time.sleep(1000)",
    ],
)
def test_a_loop_without_end_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    monkeypatch.setattr(server, "SECONDS", 0.3)
    write(folder, f"def extract(page):\n    {body}\n")
    records, _, (warning,) = read("shop", "teas")
    assert records == []
    assert warning == "The extractor 'shop' was ended: it took too long."


def test_its_process_may_die_and_the_next_page_is_read(folder: Path) -> None:
    code = """
import os
def extract(page):
    if not os.path.exists(__file__ + ".died"):
        open(__file__ + ".died", "w").close()
        os.kill(os.getpid(), 9)
    return [{"pid": os.getpid() != 0}]
"""
    write(folder, code)
    _, _, (warning,) = read("shop", "teas")
    assert warning == "The extractor 'shop' was ended: its process ended (SIGKILL)."
    assert [each.values for each in read("shop", "teas")[0]] == [{"pid": True}]


def test_it_runs_in_a_process_that_knows_no_setting_and_whose_print_goes_nowhere_near_the_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "secret")
    code = """
import os
def extract(page):
    print('x' * 1000)
    yield {'pid': os.getpid(), 'env': dict(os.environ)}
"""
    write(folder, code)
    ((record,), _, warnings) = read("shop", "teas")
    assert warnings == []
    assert "DATABASE_URL" not in record.values["env"]
    assert record.values["pid"] != os.getpid()


def test_an_extractor_that_takes_all_the_time_of_a_parser_is_not_run_for_a_while(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SECONDS", 0.2)
    monkeypatch.setattr(server, "MOST", 0.1)
    write(folder, "def extract(page):\n    while True: pass\n")
    read("shop", "teas")
    began = time.monotonic()
    _, _, (warning,) = read("shop", "teas")
    assert "its last pages took all the time of a parser" in warning
    assert time.monotonic() - began < 0.2 * PATIENCE


def test_a_changed_file_is_another_version_and_so_other_rules(folder: Path) -> None:
    write(folder, SHOP)
    first = names.code_of("shop")
    write(folder, SHOP + "\n")
    assert names.code_of("shop") != first
    digests = {
        rules_digest((Collection(name="teas", fields=(), extractor="shop", code=code),))
        for code in (first, names.code_of("shop"))
    }
    assert len(digests) == 2


def test_a_name_has_to_exist_and_its_file_to_be_python(folder: Path) -> None:
    write(folder, SHOP)
    write(folder, "def extract(:\n", "broken")

    def problems(name: str) -> list[str]:
        _, wrong = check({"collections": [{"name": "teas", "extractor": name, "key": ["sku"]}]})
        return [problem.text for problem in wrong]

    assert problems("shop") == []
    assert problems("ship") == [
        "Collection 'teas': There is no extractor 'ship'. The extractors are: broken, shop."
    ]
    assert problems("../shop")[0].startswith("Collection 'teas': There is no extractor")
    (sentence,) = problems("broken")
    assert "'broken' is not valid Python. broken.py, line 1: " in sentence


def test_a_file_without_the_function_and_one_that_fails_when_loaded_say_so(folder: Path) -> None:
    write(folder, "x = 1\n")
    assert "has no function 'extract'" in read("shop", "teas")[2][0]
    write(folder, "\n1 / 0\n", "zero")
    assert "zero.py, line 2: ZeroDivisionError" in read("zero", "teas")[2][0]


def test_time_for_a_page_is_what_is_promised() -> None:
    assert child.SECONDS == 5.0
