"""The seed form's text boxes, a line at a time: checked in words that say what to do, and parsed.

Each function takes the text of a box and returns what is to be stored, or raises ValidationError with a
sentence for each line at fault.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError

from crawler.policy import FieldRule
from crawler.reading.fields import check_rule
from crawler.requests.guard import AddressGuard, BlockedAddress
from crawler.rules.scope import check_pattern
from crawler.rules.urls import BadUrl, resolve

MOST_TOLD = 5  # mistakes told at once
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
# Those that belong to the connection (RFC 9110 section 7.6.1) or that the fetcher itself must write.
_NOT_YOURS = frozenset(
    {
        "accept-encoding", "connection", "content-length", "host", "if-modified-since", "if-none-match",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip


def lines(text: str) -> list[str]:
    """The lines with something in them, trimmed; parted as the model parts them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def addresses(text: str, networks: Sequence[str]) -> str:
    """http and https addresses, on networks that this seed may reach."""
    return _each(text, lambda line: _address(line, networks))


def _address(line: str, networks: Sequence[str]) -> str:
    if not _SCHEME.match(line) or re.match(r"[\w.\-]+:\d+(/|$)", line):
        raise ValueError(f"{line!r} has no http:// or https:// before it. Did you mean https://{line}?")
    scheme = line.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise ValueError(f"{line!r} cannot be crawled: only addresses with http:// or https:// can.")
    try:
        url = resolve(line)
    except BadUrl as error:
        raise ValueError(f"{line!r} is not a web address: {error}.") from error
    _check_reachable(line, urlsplit(url), networks)
    return line


def _check_reachable(line: str, parts: SplitResult, networks: Sequence[str]) -> None:
    host = parts.hostname or ""
    address = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return  # a name: what it resolves to is judged whenever a connection is made
    try:
        AddressGuard(networks).check(address)
    except BlockedAddress as error:
        raise ValueError(
            f"{line!r} is not on the public internet ({error}). If that is meant, an administrator can write "
            "its network under 'Networks that may be reached'."
        ) from error


def patterns(text: str) -> str:
    """Include or exclude patterns."""

    def check(line: str) -> str:
        check_pattern(line)
        return line

    return _each(text, check)


def parameters(text: str) -> str:
    """Names of query parameters, each with a * at its end or without."""
    return _each(text, _parameter)


def _parameter(line: str) -> str:
    if not re.fullmatch(r"[^\s=&?#*]+\*?", line):
        raise ValueError(f"{line!r} is not the name of a parameter. Write it like 'ref' or 'ref_*'.")
    return line


def headers(text: str) -> str:
    """Request headers, ``Name: value``."""
    return _each(text, _header)


def _header(line: str) -> str:
    name, colon, value = line.partition(":")
    name, value = name.strip(), value.strip()
    if not colon:
        raise ValueError(f"{line!r} has no colon. Write 'Name: value', for example 'Accept-Language: de'.")
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a header. Use letters, digits and hyphens.")
    if any(not (character == "\t" or 32 <= ord(character) < 127) for character in value):
        raise ValueError(f"The value of {name!r} holds characters that no header may have.")
    if name.lower() in _NOT_YOURS:
        raise ValueError(f"{name!r} is written by Crawlbeat itself. Leave it out.")
    if name.lower() == "user-agent":
        raise ValueError("Write the user agent in its own box, so that robots.txt is read for it.")
    return f"{name}: {value}"


def networks(text: str) -> str:
    """Networks in CIDR notation."""
    return _each(text, _network)


def _network(line: str) -> str:
    try:
        return str(ipaddress.ip_network(line, strict=False))
    except ValueError:
        raise ValueError(f"{line!r} is not a network. Write it like 10.0.0.0/8 or fd00::/8.") from None


def fields(text: str) -> list[dict[str, str]]:
    """Fields as ``name = css``, one a line; names once each."""
    found: dict[str, str] = {}

    def add(line: str) -> str:
        name, css = _field(line)
        if name in found:
            raise ValueError(f"The name {name!r} is used twice. Give each field a name of its own.")
        found[name] = css
        return line

    _each(text, add)
    return [{"name": name, "css": css} for name, css in found.items()]


def _field(line: str) -> tuple[str, str]:
    name, equals, css = (part.strip() for part in line.partition("="))
    if not equals or not name or not css:
        raise ValueError(f"{line!r} is not a field. Write 'name = selector', for example 'title = h1::text'.")
    if not re.fullmatch(r"[^\W\d]\w{0,59}", name):
        raise ValueError(
            f"{name!r} cannot be a field's name. Use letters, digits and underscores, a letter first."
        )
    check_rule(FieldRule(name, "css", css))
    return name, css


def _each(text: str, check: Callable[[str], str]) -> str:
    kept, mistakes = [], []
    for number, line in enumerate(lines(text), start=1):
        try:
            kept.append(check(line))
        except ValueError as error:
            mistakes.append(f"Line {number}: {error}")
    if mistakes:
        more = len(mistakes) - MOST_TOLD
        raise ValidationError(
            mistakes[:MOST_TOLD] + ([f"{more} more lines are not in order."] if more > 0 else [])
        )
    return "\n".join(kept)
