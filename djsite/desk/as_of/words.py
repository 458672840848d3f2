"""What is said of a moment at which there was nothing yet."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Seed
from pipelines.as_of.pages import before_the_first


def before_first_run(seed: Seed, moment: datetime) -> str:
    """That nothing of a seed had been stored by a moment; empty if something had, or nothing is even now."""
    first = before_the_first(seed, moment)
    if first is None:
        return ""
    return f"Nothing of {seed.name} was stored before {first:%Y-%m-%d %H:%M} UTC."
