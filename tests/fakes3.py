"""A bucket on loopback: as much of S3 as the archive uses, for tests of the storage it would have there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class Bucket:
    """The objects of a bucket called ``crawl`` by key, and the headers that each was written with."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.url = ""
        self.refuses = False  # as for a key that may not write here
        self.sent: list[int] = []  # bytes of each answer to a GET


@contextmanager
def serving() -> Iterator[Bucket]:
    """An empty bucket behind a real server."""
    bucket = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": bucket}))
    bucket.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/crawl").lstrip("/")

    def do_PUT(self) -> None:
        if self.bucket.refuses:
            self._body()
            self._answer(403)
            return
        self.bucket.objects[self.key] = self._body()
        self.bucket.headers[self.key] = {name.lower(): value for name, value in self.headers.items()}
        self._answer(200, headers={"ETag": '"1"'})

    def do_HEAD(self) -> None:
        self._object(with_body=False)

    def do_GET(self) -> None:
        if self.key:
            self._object(with_body=True)
        else:
            self._list(parse_qs(urlsplit(self.path).query))

    def do_DELETE(self) -> None:
        self.bucket.objects.pop(self.key, None)
        self._answer(204)

    def _body(self) -> bytes:
        """The body; the chunks of ``aws-chunked`` are taken apart, their signatures ignored."""
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return data
        parts = []
        while data:
            size, _, data = data.partition(b"\r\n")
            length = int(size.partition(b";")[0], 16)
            if not length:
                break
            parts.append(data[:length])
            data = data[length + 2 :]
        return b"".join(parts)

    def _object(self, *, with_body: bool) -> None:
        data = self.bucket.objects.get(self.key)
        if data is None:
            self._answer(404, with_body=with_body)
            return
        status, headers = 200, {"ETag": '"1"'}
        if (asked := self.headers.get("Range")) and with_body:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            status, data = 206, data[int(first) : int(last) + 1]
        if with_body:
            self.bucket.sent.append(len(data))
        self._answer(status, data, headers=headers, with_body=with_body)

    def _list(self, query: dict[str, list[str]]) -> None:
        prefix = query.get("prefix", [""])[0]
        below = sorted(key.removeprefix(prefix) for key in self.bucket.objects if key.startswith(prefix))
        folders = dict.fromkeys(key.partition("/")[0] for key in below if "/" in key)
        found = [f"<Contents><Key>{escape(prefix + key)}</Key></Contents>" for key in below if "/" not in key]
        found += [
            f"<CommonPrefixes><Prefix>{escape(prefix + name)}/</Prefix></CommonPrefixes>" for name in folders
        ]
        page = f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(found)}</ListBucketResult>"
        self._answer(200, page.encode(), headers={"Content-Type": "application/xml"})

    def _answer(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, *, with_body: bool = True
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 10:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)
