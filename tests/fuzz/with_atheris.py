"""Atheris on one promise: ``python -m tests.fuzz.with_atheris html 60 [FOLDER]``.

The seconds are a limit; what is found is written to ``FOLDER`` (default: the current one), and so are inputs
that reach further, from which the next call goes on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]
import django

from tests.harness import environment

INSTRUMENTED = ["crawler", "pipelines.parse", "cronsim"]
LONGEST_SECONDS = 10  # for one input
MEGABYTES = 2048


def main(name: str, seconds: str, folder: str = ".") -> None:
    """Fuzz until the time is up or a promise is broken."""
    environment.prepare()
    with atheris.instrument_imports(include=INSTRUMENTED):
        django.setup()
        from tests.fuzz.promises import PROMISES  # after the setup, and instrumented

    corpus = Path(folder) / f"corpus-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-timeout={LONGEST_SECONDS}", f"-rss_limit_mb={MEGABYTES}"]
    atheris.Setup(
        [sys.argv[0], str(corpus), *limits, "-max_len=4096", f"-artifact_prefix={folder}/"], PROMISES[name]
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
