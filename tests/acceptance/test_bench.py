"""``bench``: every bench at its tiny size prints its table and writes its JSON."""

from __future__ import annotations

import json

import pytest

from tests.harness.embedded import Embedded

pytestmark = pytest.mark.timeout(900)

FIGURES = {
    "politeness": ["of the ideal pace", "requests too early", "smallest gap"],
    "frontier": ["admitted a second", "claimed and finished a second", "claim p99", "bytes a queued URL"],
    "seeds": ["pages a second", "messages a page"],
    "tarpits": ["alone", "beside 100 tarpits", "of the rate alone"],
    "scaling": ["fetch: 2 workers, times 1", "parse: 2 workers, times 1"],
    "memory": ["largest process"],
    "startup": ["new folder, seconds of CPU", "existing folder, seconds"],
    "idle": ["of a core", "memory (PSS)"],
    "browse": [
        "pages, p95 ms",
        "api list_records seed=1, p95 ms",
        "export pages csv, first byte",
        "pages pruned a second",
    ],
    "urgent": ["never came", "requests before the delay was over", "memory of Redis"],
}


@pytest.fixture
def own(tmp_path):
    own = Embedded(tmp_path)
    yield own
    own.end()


def bench(own: Embedded, name: str, *words: str) -> dict:
    """Run a bench at its tiny size, without the peers that it would have to install."""
    own.environment["CRAWLBEAT_DATA"] = str(own.data)
    done = own.run("bench", name, "--quick", "--rounds", "1", "--peers", "none", *words, timeout=800)
    assert done.returncode == 0, done.stderr
    assert f"crawlbeat bench {name}:" in done.stdout
    report = json.loads((own.data / "bench" / f"{name}.json").read_text())
    for row in report["rows"]:
        assert row["what"] in done.stdout
        assert row["figure"] in done.stdout
    return report


@pytest.mark.parametrize("name", FIGURES)
def test_a_bench_prints_its_table_and_writes_its_json(own, name):
    report = bench(own, name, "--database", "sqlite")
    told = [row["what"] for row in report["rows"]]
    for figure in FIGURES[name]:
        assert any(figure in what for what in told), figure
    assert report["machine"]["cores"] >= 1
    assert report["versions"]["crawlbeat"]
    assert report["settings"]


def test_throughput_is_compared_with_that_into_a_full_database(own):
    report = bench(own, "throughput", "--database", "sqlite", "--into", "600")
    told = [row["what"] for row in report["rows"]]
    assert all(any(figure in what for what in told) for figure in ("CPU a page", "pages a second"))
    assert report["rows"][-1]["what"] == "crawlbeat sqlite: CPU a page into 600 pages, times that into none"


def test_a_bench_on_postgresql(own):
    report = bench(own, "frontier", "--database", "postgres")
    assert {row["what"].partition(":")[0] for row in report["rows"]} == {"postgres"}
    assert all(row["goal"] for row in report["rows"] if "p99" in row["what"])
