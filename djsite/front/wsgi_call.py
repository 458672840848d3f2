"""One request as a WSGI application takes it (PEP 3333), and its answer block by block."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication

from django.db import close_old_connections

RawHeaders = list[tuple[bytes, bytes]]


class WsgiCall:
    """The answer to one request. Its methods block: each is called in a thread, never two at once."""

    def __init__(self, application: WSGIApplication, environ: dict[str, Any]) -> None:
        self.status = 500
        self.headers: RawHeaders = []
        self._result: Iterable[bytes] = application(environ, self._start_response())
        self._blocks: Iterator[bytes] = iter(self._result)
        self.streamed = bool(getattr(self._result, "streaming", False))

    def _start_response(self) -> StartResponse:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self.status = int(status.split(" ", 1)[0])
            self.headers = [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ]

        return start

    def whole(self) -> bytes:
        """All of an answer that is not streamed; it is closed."""
        try:
            return b"".join(self._blocks)
        finally:
            self.close()

    def next_block(self) -> bytes | None:
        """The next block of a streamed answer, None after the last. Each may be got in another thread."""
        try:
            return next(self._blocks, None)
        finally:
            close_old_connections()  # this thread's; it may have nothing more to do with this answer

    def close(self) -> None:
        """Tell the application that nobody reads on."""
        if close := getattr(self._result, "close", None):
            close()


def environ_of(scope: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """The environment of a request whose ASGI scope and whole body these are."""
    host, port = scope.get("server") or ("", 0)
    client = scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return {**environ, **_headers(scope["headers"]), "CONTENT_LENGTH": str(len(body))}


def _headers(headers: RawHeaders) -> dict[str, str]:
    """The headers under their WSGI names. One with an underscore is left out: it would pass for another."""
    named: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").upper(), raw_value.decode("latin-1")
        if "_" in name:
            continue
        key = name.replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        named[key] = f"{named[key]}{between}{value}" if key in named else value
    return named
