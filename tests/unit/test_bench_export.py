"""The bench of exports says of each format whether it reached its goals."""

from __future__ import annotations

from benchmarks.export.bench import FORMATS, GOALS, add_rows
from benchmarks.kit.report import Report
from catalog.formats import FORMATS as OURS


def test_each_format_is_measured_and_its_goals_are_judged():
    assert set(GOALS) <= set(FORMATS) < set(OURS)
    report = Report("export", {})
    csv = {"speed": 19_000, "a CPU second": 40_000, "growth": 3}
    add_rows(report, "sqlite", {"csv": csv, "sqlite": {"speed": 1, "a CPU second": 2, "growth": 900}})
    assert [(row.what, row.figure, row.reached) for row in report.rows] == [
        ("sqlite: csv, rows a second", "19,000", False),
        ("sqlite: csv, rows a second of CPU", "40,000", None),
        ("sqlite: csv, MB beyond few rows", "3", True),
        ("sqlite: sqlite, rows a second", "1", None),
        ("sqlite: sqlite, rows a second of CPU", "2", None),
        ("sqlite: sqlite, MB beyond few rows", "900", False),
    ]
