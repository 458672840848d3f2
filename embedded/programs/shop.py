"""The demo's shop: a small site on loopback with everything that crawlers often meet.

Some sixty pages. A third of the prices change every half minute, as a function of the time, so that two
servers agree. One page takes three seconds, one sends a damaged body, one is linked but forbidden by
robots.txt. ``python -m embedded.programs.shop --port 8001`` serves it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from embedded.programs.shop_pages import BROKEN, FORBIDDEN, SLOW, page
from scheduler.process.lifeline import die_with_parent_if_asked

PERIOD = 30  # seconds between two changes of prices
SLOW_SECONDS = 3.0
ROBOTS = f"User-agent: *\nDisallow: {FORBIDDEN}\n"


class Shop(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "DemoShop"
    sys_version = ""

    def do_GET(self) -> None:
        """One page, with a validator so that a crawler can ask whether it changed."""
        path = self.path.partition("?")[0]
        if path == "/robots.txt":
            self._answer(ROBOTS.encode(), "text/plain; charset=utf-8")
            return
        if path == BROKEN:
            self._answer_broken()
            return
        if path == SLOW:
            time.sleep(SLOW_SECONDS)
        text = page(path, int(time.time()) // PERIOD)
        if text is None:
            self._answer(b"<!doctype html><title>Not here</title>", status=HTTPStatus.NOT_FOUND)
            return
        self._answer(text.encode())

    def _answer(
        self, body: bytes, content_type: str = "text/html; charset=utf-8", status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if status == HTTPStatus.OK and self.headers.get("If-None-Match") == etag:
            status, body = HTTPStatus.NOT_MODIFIED, b""
        self.send_response(status)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", content_type)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer_broken(self) -> None:
        """Says gzip and sends something else, as a server behind a bad proxy does."""
        body = b"\x1f\x8b\x08\x00 this was a catalogue once"
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line a request: the time, the path and the status."""
        status = code.value if isinstance(code, HTTPStatus) else code
        print(f"{time.strftime('%H:%M:%S')} {self.path} {status}", flush=True)


def main(words: Sequence[str]) -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="The demo's shop.")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(words)
    die_with_parent_if_asked()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Shop)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
