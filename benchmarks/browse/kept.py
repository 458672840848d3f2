"""A full installation that is kept between runs of the bench, because making it takes minutes."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kit.measured_command import Command, run
from benchmarks.kit.our_processes import server_of
from tests.harness.servers import Postgres


@dataclass(frozen=True)
class Installation:
    """A data folder with its archive, and the variables that select its database."""

    folder: Path
    variables: Mapping[str, str]
    server: int  # process id of the database server; 0 for SQLite

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are not started by the command line, which sets these itself."""
        return {
            "DJANGO_SETTINGS_MODULE": "djsite.settings",
            "CRAWLBEAT_DATA": str(self.data),
            **self.variables,
        }


@contextlib.contextmanager
def installation(database: str, pages: int, folder: Path) -> Iterator[Installation]:
    """One with so many pages: the one that an earlier run has made in the folder, or a new one."""
    finished = folder / "filled"
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "data").mkdir(parents=True)
    with _database(database, folder) as (variables, server):
        place = Installation(folder, variables, server)
        if not finished.exists():
            words = [sys.executable, "-m", "benchmarks.browse.filling", str(pages)]
            run(Command(words, folder, {**place.environment, "SECRET_KEY": "of-a-bench-" + "x" * 50}))
            finished.touch()
        yield place


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[Mapping[str, str], int]]:
    if kind == "sqlite":
        yield {}, 0
        return
    server = Postgres(folder, durable=True)
    try:
        yield {"DATABASE_URL": server.url}, server_of(folder)
    finally:
        server.stop()
