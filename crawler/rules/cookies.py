"""Cookies for servers that let nobody in without: kept in memory, for one run and one origin.

By RFC 6265, but stricter: a cookie goes back to the origin that set it, never to another host, port or
scheme, whatever its Domain says. Pure; times are epoch seconds and arguments.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from crawler.rules.urls import host_of, origin_of

MAX_COOKIES = 30  # of a run and an origin; the oldest go first
MAX_COOKIE = 4096  # characters of name and value (RFC 6265, section 6.1)
MAX_HEADER = 8192  # characters; cookies that do not fit are not sent
MAX_JARS = 2000  # of a process: at 120 KB of the largest, but most have a cookie or two

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x2b\x2d-\x3a\x3c-\x7e\x80-\xff ,]*")  # what can be sent again
_SECONDS = re.compile(r"-?[0-9]{1,12}")


class _Cookie(NamedTuple):
    value: str
    expires: float | None  # None: at the end of the run


class Cookies:
    """The cookies of the runs that a process works for. The least used are forgotten."""

    def __init__(self) -> None:
        self._jars: OrderedDict[tuple[int, str], dict[tuple[str, str], _Cookie]] = OrderedDict()

    def header(self, run_id: int, url: str, now: float) -> str:
        """The value of ``Cookie`` for a request of a run (section 5.4); empty for none."""
        if not self._jars:
            return ""
        jar = self._jars.get((run_id, origin_of(url)))
        if not jar:
            return ""
        path = _path(url)
        fitting = [
            (cookie_path, f"{name}={cookie.value}")
            for (name, cookie_path), cookie in jar.items()
            if _covers(cookie_path, path) and (cookie.expires is None or cookie.expires > now)
        ]
        fitting.sort(key=lambda each: len(each[0]), reverse=True)
        return _joined(pair for _, pair in fitting)

    def keep(self, run_id: int, url: str, lines: Iterable[str], now: float) -> None:
        """Take the ``Set-Cookie`` lines of an answer (section 5.3)."""
        for line in lines:
            self._keep(run_id, url, line, now)

    def _keep(self, run_id: int, url: str, line: str, now: float) -> None:
        pair, *attributes = line.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or len(name) + len(value) > MAX_COOKIE:
            return
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            return
        named = {key.strip().lower(): text.strip() for key, _, text in (a.partition("=") for a in attributes)}
        if not _may_set(host_of(url), named.get("domain", "")):
            return
        path = named.get("path", "")
        key = (name, path if path.startswith("/") else _folder(_path(url)))
        expires = _expires(named, now)
        jar = self._jar(run_id, origin_of(url))
        jar.pop(key, None)
        if expires is None or expires > now:
            jar[key] = _Cookie(value, expires)
        if len(jar) > MAX_COOKIES:
            del jar[next(iter(jar))]

    def _jar(self, run_id: int, origin: str) -> dict[tuple[str, str], _Cookie]:
        jar = self._jars.setdefault((run_id, origin), {})
        self._jars.move_to_end((run_id, origin))
        if len(self._jars) > MAX_JARS:
            self._jars.popitem(last=False)
        return jar


def _joined(pairs: Iterable[str]) -> str:
    header = ""
    for pair in pairs:
        longer = f"{header}; {pair}" if header else pair
        header = longer if len(longer) <= MAX_HEADER else header
    return header


def _may_set(host: str, domain: str) -> bool:
    """Whether a host may set a cookie for this Domain: its own name or one above (section 5.1.3)."""
    domain = domain.lower().removeprefix(".")
    return not domain or host == domain or host.endswith(f".{domain}")


def _covers(cookie_path: str, path: str) -> bool:
    """Section 5.1.4."""
    return path == cookie_path or path.startswith(
        cookie_path if cookie_path.endswith("/") else f"{cookie_path}/"
    )


def _folder(path: str) -> str:
    """The path of a cookie that names none."""
    return path[: path.rindex("/")] or "/"


def _path(url: str) -> str:
    return url[url.index("/", 8) :].partition("?")[0]


def _expires(attributes: dict[str, str], now: float) -> float | None:
    """Max-Age counts before Expires (section 5.3)."""
    if _SECONDS.fullmatch(age := attributes.get("max-age", "")):
        return now + int(age)
    try:
        date = parsedate_to_datetime(attributes.get("expires", "").replace("-", " "))
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
