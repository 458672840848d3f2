"""A Celery worker, without Celery's command line, which imports shells and highlighters.

``python -m embedded.programs.worker -n NODE -Q QUEUES -P POOL -c SIZE``: the options are Celery's. It sends
no events to other workers and waits for none: nobody here listens.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from scheduler.app import app


def main(words: Sequence[str]) -> None:
    """Work until told to stop."""
    parser = argparse.ArgumentParser(description="A worker.")
    parser.add_argument("-n", dest="hostname", required=True)
    parser.add_argument("-Q", dest="queues", required=True, help="the first one goes first")
    parser.add_argument("-P", dest="pool_cls", choices=["prefork", "threads"], required=True)
    parser.add_argument("-c", dest="concurrency", type=int, required=True)
    alone = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    worker = app.Worker(**vars(parser.parse_args(words)), **alone, loglevel="INFO")
    worker.start()
    sys.exit(worker.exitcode)


if __name__ == "__main__":
    main(sys.argv[1:])
