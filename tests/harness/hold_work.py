"""For a worker that should be met in the middle of its work; its option is :data:`OPTION`, for tests only.

While the file that ``HOLD_WORK`` names exists, the worker stays after the first pages that it has deleted, or
the first rows of an export that it has read, and says so in the file. It is in no transaction then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pipelines.export.kinds import pages as exported
from pipelines.prune import rows as pruned

VARIABLE = "HOLD_WORK"
OPTION = ("-I", __name__)  # Celery imports the module when our tables are there


def install(file: Path) -> None:
    """Stay where the file says."""

    def stay() -> None:
        if file.exists():
            file.write_text("here")
            while file.exists():
                time.sleep(0.02)

    pruned._delete_pages = _after(pruned._delete_pages, stay)
    exported.read_slices = _between(exported.read_slices, stay)  # type: ignore[attr-defined]


def _after(real: Callable[..., None], stay: Callable[[], None]) -> Callable[..., None]:
    def delete(*arguments: Any) -> None:
        real(*arguments)
        stay()

    return delete


def _between(real: Callable[..., Iterator[Any]], stay: Callable[[], None]) -> Callable[..., Iterator[Any]]:
    def read(*arguments: Any) -> Iterator[Any]:
        for part in real(*arguments):
            stay()
            yield part

    return read


if VARIABLE in os.environ:
    install(Path(os.environ[VARIABLE]))
