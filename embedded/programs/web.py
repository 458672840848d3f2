"""The site under granian: ``python -m embedded.programs.web --host HOST --port PORT``.

granian runs the site in a child of its own, and ends when that has ended unasked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from granian import Granian
from granian.constants import Interfaces

LAST_SECONDS = 3  # that a stopping site has to answer what it has been asked


def main(words: Sequence[str]) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="The site.")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(words)
    Granian(
        "djsite.asgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGINL,
        websockets=False,
        workers_kill_timeout=LAST_SECONDS,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
