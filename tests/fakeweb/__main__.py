"""Serve a site until stopped: ``python -m tests.fakeweb --pages 2000 --port 0`` prints its URL.

It is a linked site, or with ``--site shop --design b`` one of those whose records are known.
"""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from tests.fakeweb import FakeWeb, linked_site
from tests.fakeweb.sites import DESIGNS, SITES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakeweb", description=__doc__)
    parser.add_argument("--site", choices=SITES, help="a site with known records, of --pages items")
    parser.add_argument("--design", choices=DESIGNS, default="a", help="of a site with known records")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--more-hosts", nargs="*", default=(), metavar="ADDRESS")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--links", type=int, default=12, help="links on each page")
    parser.add_argument("--web-sizes", action="store_true", help="pages of 8 to 80 KB, median 19 KB")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--change-every", type=float, metavar="SECONDS", help="so often it changes")
    parser.add_argument("--log", type=Path, metavar="FILE", help="one JSON object per answered request")
    options = parser.parse_args()

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    linked = linked_site(options.pages, seed=options.seed, links=options.links, web_sizes=options.web_sizes)
    known = SITES[options.site](size=options.pages, design=options.design) if options.site else None
    web = FakeWeb(
        known or linked,
        host=options.host,
        port=options.port,
        more_hosts=options.more_hosts,
        latency=options.latency,
        log_file=options.log,
    )
    with web:
        if known:
            known.base = web.url
        print(web.url, flush=True)
        while not stopped.wait(options.change_every):
            linked.version += 1
            if known:
                known.revision += 1


if __name__ == "__main__":
    main()
