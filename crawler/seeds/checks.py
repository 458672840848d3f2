"""One check for each part of a seed, a line at a time, with sentences that say what to do.

Each takes what somebody wrote and returns what is stored, or raises ValueError with a sentence for people.
The checks of a pattern, a selector and a cron line stand beside the code that uses them
(:mod:`crawler.rules.patterns`, :mod:`crawler.reading.fields`, :func:`crawler.seeds.cron.check`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import EnumType
from typing import Any
from urllib.parse import urlsplit

from crawler.reading.verdicts import kinds as verdict_kinds
from crawler.requests.guard import AddressGuard, BlockedAddress
from crawler.requests.headers import check_header
from crawler.rules.patterns import check_pattern
from crawler.rules.urls import BadUrl, resolve, without_credentials
from crawler.seed_requests import SeedRequest
from crawler.seeds import collection_checks
from crawler.seeds.field_lines import field_of_line

LONGEST_INTERVAL = 366 * 86400  # seconds
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_HOST_AND_PORT = re.compile(r"[\w.\-]+:\d+(/|$)")
_CREDENTIALS = re.compile(  # after a scheme or none; a password may hold a slash, a port is no password
    r"\A(\s*(?:https?:|[a-z][a-z0-9+.\-]*:(?=[/\\]))?[/\\]*)"
    r"(?:[^/\\?#:]*:(?!\d+(?:[/\\?#]|\Z)).*|[^/\\?#]*)@",
    re.IGNORECASE | re.DOTALL,
)
_SECRET = re.compile(r"auth|cookie|token|key|secret|password|session", re.IGNORECASE)  # names of headers
_SHOWN = 200  # characters of a line that a sentence repeats


def address(line: str) -> str:
    """An http or https address, as it will be requested. The sentences about it show no password."""
    safe = _CREDENTIALS.sub(r"\1…@", line)[:_SHOWN]
    shown = repr(safe)
    if not _SCHEME.match(line) or _HOST_AND_PORT.match(line):
        raise ValueError(
            f"{shown} has no http:// or https:// before it. Did you mean https://{safe.lstrip('/')}?"
        )
    if line.partition(":")[0].lower() not in ("http", "https"):
        raise ValueError(f"{shown} cannot be crawled: only addresses with http:// or https:// can.")
    try:
        url = resolve(line)
    except BadUrl as error:
        raise ValueError(f"{shown} is not a web address: {error}.") from error
    if url != without_credentials(url):
        raise ValueError(f"{shown} holds a user name or password. Leave it out, and use a header instead.")
    return url


def with_scheme(line: str) -> str:
    """A line as it is, or with https:// before it if it begins with a host, as ``www.example.org`` does."""
    host = re.split(r"[/?#:]", line, maxsplit=1)[0]
    begins = "." in host.strip(".") and (not _SCHEME.match(line) or _HOST_AND_PORT.match(line))
    return f"https://{line}" if begins and "@" not in line else line


def reachable(line: str, networks: Sequence[str]) -> str:
    """An :func:`address`, as written, that the seed may reach: on the public internet or in ``networks``.

    A host name passes: its addresses are checked each time a connection is made.
    """
    host = urlsplit(address(line)).hostname or ""
    ip = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    if not _is_ip(ip):
        return line
    try:
        AddressGuard(networks).check(ip)
    except BlockedAddress as error:
        raise ValueError(
            f"{line!r} is not on the public internet ({error}). If that is meant, an administrator can write "
            "its network under 'Networks that may be reached'."
        ) from error
    return line


def request(plain: Mapping[str, Any], networks: Sequence[str]) -> dict[str, Any]:
    """A request in plain form (:mod:`crawler.seed_requests`), as it was written."""
    request = SeedRequest.of(plain)
    reachable(request.url, networks)
    for name, value in request.headers:
        check_header(name, value)
        if _SECRET.search(name):
            raise ValueError(f"{name!r} is most often secret. Write it under 'Request headers' instead.")
    return dict(plain)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def usable(what: str, lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """URLs as they will be requested, each once, and a sentence for each line that is not a URL.

    Each sentence starts with ``what``, such as "start URL".
    """
    urls: dict[str, None] = {}
    problems = []
    for line in lines:
        try:
            urls[address(line)] = None
        except ValueError as error:
            problems.append(f"{what}: {error}")
    return list(urls), problems


def parameter(line: str) -> str:
    """The name of a query parameter, with a * at its end or without."""
    if not re.fullmatch(r"[^\s=&?#*]+\*?", line):
        raise ValueError(f"{line!r} is not the name of a parameter. Write it like 'ref' or 'ref_*'.")
    return line


def overruled(line: str) -> str:
    """A verdict that does not count: its word, and perhaps a pattern for the URLs where it does not."""
    kind, _, pattern = " ".join(line.split()).partition(" ")
    if kind not in verdict_kinds():
        raise ValueError(f"{kind!r} is not a verdict. The verdicts are: {', '.join(verdict_kinds())}.")
    return f"{kind} {check_pattern(pattern)}" if pattern else kind


def header(line: str) -> str:
    """A request header, ``Name: value``."""
    name, colon, value = (part.strip() for part in line.partition(":"))
    if not colon:
        raise ValueError("It has no colon. Write 'Name: value', for example 'Accept-Language: de'.")
    check_header(name, value)
    return f"{name}: {value}"


def network(line: str) -> str:
    """A network in CIDR notation."""
    try:
        return str(ipaddress.ip_network(line, strict=False))
    except ValueError:
        raise ValueError(f"{line!r} is not a network. Write it like 10.0.0.0/8 or fd00::/8.") from None


def field_line(line: str) -> dict[str, Any]:
    """A field as people write it (:mod:`crawler.seeds.field_lines`); in plain form."""
    return collection_checks.field(field_of_line(line).plain())


def name(value: str) -> str:
    """A seed's name, with single spaces."""
    return " ".join(value.split())


def user_agent(value: str) -> str:
    """What a seed calls itself; empty means Crawlbeat's own."""
    value = value.strip()
    if not value.isascii() or not value.isprintable():
        raise ValueError("Use letters without accents, digits and signs only: servers read nothing else.")
    return value


def interval(seconds: int | None) -> int:
    """How often a seed runs, in seconds."""
    if not seconds or seconds < 0:
        raise ValueError("Write how often, for example every 6 hours.")
    if seconds > LONGEST_INTERVAL:
        raise ValueError("Choose at most 366 days.")
    return seconds


def choice(value: object, choices: EnumType) -> object:
    """One of some words or numbers."""
    if value not in list(choices):
        raise ValueError(f"Value {value!r} is not a valid choice.")
    return value
