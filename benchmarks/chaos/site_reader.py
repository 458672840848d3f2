"""Somebody signed in to the site of an ``up``, who begins downloads and does not read them."""

from __future__ import annotations

import contextlib
import http.cookiejar
import re
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

ANSWER_SECONDS = 10.0  # within which the site has to answer
RECEIVE_BYTES = 4096  # of the buffer of a socket that is not read: the smaller, the sooner the site must wait


class SiteReader:
    """An account of the site. ``address`` ends in a slash."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self._address = address
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        page = self._opener.open(f"{address}login/", timeout=ANSWER_SECONDS).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
        data = urllib.parse.urlencode(form).encode()
        self._opener.open(f"{address}login/", data, timeout=ANSWER_SECONDS).read()

    def answers(self, path: str) -> bool:
        """Whether the site answers a request for a page in time, and well."""
        try:
            with self._opener.open(self._address + path, timeout=ANSWER_SECONDS) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @contextlib.contextmanager
    def reading_nothing(self, path: str, number: int) -> Iterator[None]:
        """Begin so many downloads, and read none of them while entered."""
        with contextlib.ExitStack() as stack:
            for _ in range(number):
                stack.enter_context(self._begin(path))
            yield

    def _begin(self, path: str) -> socket.socket:
        parts = urllib.parse.urlsplit(self._address)
        request = socket.socket()
        request.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        request.settimeout(ANSWER_SECONDS)
        request.connect((parts.hostname, parts.port))
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)
        request.sendall(f"GET /{path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookies}\r\n\r\n".encode())
        return request
