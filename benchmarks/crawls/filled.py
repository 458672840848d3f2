"""Crawls into databases that hold many pages already, to compare with crawls into empty ones."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.crawls.contenders import Contender, Task, crawl_command
from benchmarks.kit.measured_command import Command, Cost, run
from benchmarks.kit.our_processes import database_for, run_beside


@contextlib.contextmanager
def crawlbeat_into(pages: int, database: str, folder: Path) -> Iterator[Contender]:
    """``crawlbeat crawl`` on a database that holds so many pages, and what the crawls before have added."""
    data = folder / "data"
    data.mkdir(parents=True)
    with database_for(database, folder) as (variables, server):
        environment = {
            **variables,
            "DJANGO_SETTINGS_MODULE": "djsite.settings",
            "CRAWLBEAT_DATA": str(data),
            "SECRET_KEY": "of-a-bench-" + "x" * 50,
        }
        run(Command([sys.executable, "-m", "benchmarks.crawls.filling", str(pages)], folder, environment))

        def crawl(task: Task, folder: Path) -> Cost:
            command = crawl_command(task, data, folder)
            return run_beside(server, replace(command, environment=variables))

        yield Contender(name_of(pages, database), crawl)


def name_of(pages: int, database: str) -> str:
    """The name of the contender."""
    return f"crawlbeat {database} into {pages:,} pages"
