"""Celery's beat, without Celery's command line: ``python -m embedded.programs.beat``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scheduler.app import app


def main(_words: Sequence[str]) -> None:
    """Tick until told to stop."""
    app.Beat(loglevel="INFO").run()


if __name__ == "__main__":
    main(sys.argv[1:])
