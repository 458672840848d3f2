"""Loaded into a worker under test (``-I``): a task that writes down what its process has imported."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from scheduler.app import app

TASK = "tests.modules"


@app.task(name=TASK)  # type: ignore[untyped-decorator]
def write_modules(target: str) -> None:
    """Write this process's modules to a file, whole or not at all."""
    part = Path(f"{target}.part")
    part.write_text(json.dumps(sorted(sys.modules)))
    os.replace(part, target)
