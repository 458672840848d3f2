"""What every kind of channel has, what it gets to send, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from crawler.requests.exchange import one_line
from crawler.requests.guard import AddressGuard
from pipelines.telling.content import TEST_SENTENCE, rest_of

ANSWER_CHARACTERS = 500
_ERRNO = re.compile(r"\[Errno -?\d+\] ")
NETWORKS, SITE = "allow_networks", "site"  # options of every kind

Problems = dict[str, str]
"""What is wrong with a channel: sentences for people, by the name of the setting."""


@dataclass(frozen=True)
class Setting:
    """Something that a kind wants to know of a channel. A secret one is sealed, and never shown again."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    needed: bool = True
    many: bool = False  # a list, a line each
    choices: tuple[str, ...] = ()  # empty: any text
    long: bool = False  # a text of several lines, such as the file of a key


@dataclass(frozen=True)
class Answer:
    """How an attempt ended. Never an exception."""

    delivered: bool
    text: str  # the beginning of the answer, or what went wrong
    status: int | None = None  # of HTTP
    refused: bool = False  # more attempts will hardly help
    retry_after: float | None = None  # seconds that the receiver asks us to wait


@dataclass(frozen=True)
class Sending:
    """One attempt to send a message."""

    uid: str
    subject: str
    body: Mapping[str, Any]  # see pipelines.telling.content
    created_at: datetime
    at: datetime
    channel: str  # its name
    options: Mapping[str, Any]
    secret: Mapping[str, str] = field(repr=False)

    @property
    def networks(self) -> Sequence[str]:
        """What the address guard lets through for this channel."""
        return tuple(self.options.get(NETWORKS, ()))

    @property
    def site(self) -> str:
        """The address of our site, without a slash at its end; may be empty."""
        return str(self.options.get(SITE, "")).rstrip("/")

    def entries(self) -> Iterator[tuple[str, str]]:
        """Sentences, each with the address that shows more of it, or none."""
        if self.body.get("test"):
            yield TEST_SENTENCE, ""
        for event in self.body["events"]:
            yield event["sentence"], self._address(event)
        for line in rest_of(self.body):
            yield line, ""

    def _address(self, event: Mapping[str, Any]) -> str:
        address = f"{self.site}{event['link']}" if self.site else str(event["url"])
        return address if is_web_address(address) else ""


class Kind(Protocol):
    """The module of a kind of channel."""

    LABEL: str
    SETTINGS: Sequence[Setting]

    def check(self, options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
        """What is wrong with the settings of a channel."""

    def send(self, sending: Sending) -> Answer:
        """Make one attempt, within some 20 seconds."""


def is_web_address(text: str) -> bool:
    """Whether a text is an address by http or https, of a host."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # raises ValueError if it is no number
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isprintable() and " " not in text
    )


def check_common(options: Mapping[str, Any]) -> Problems:
    """What is wrong with the options that every kind has."""
    problems = {}
    if (site := options.get(SITE)) and not is_web_address(str(site)):
        problems[SITE] = "Give the address at which people open this site, such as https://crawl.example."
    try:
        AddressGuard(options.get(NETWORKS, ()))
    except ValueError as error:
        problems[NETWORKS] = f"{error}. Give networks such as 10.1.0.0/16, a line each."
    return problems


def check_address(secret: Mapping[str, str]) -> Problems:
    """What is wrong with the secret ``url`` of a kind."""
    if is_web_address(secret.get("url", "")):
        return {}
    return {"url": "This is no web address. Copy all of it, from https:// to its end."}


def fitted(lines: Sequence[str], most: int) -> str:
    """Lines up to so many characters in all; the last one says how many did not fit."""
    if sum(map(len, lines)) + len(lines) <= most:
        return "\n".join(lines)
    kept, room = [], most - len("… and 10000 more lines") - 1
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, f"… and {len(lines) - len(kept)} more lines"])


def error_words(error: Exception) -> str:
    """What went wrong with a connection, in a line without the system's number for it."""
    return one_line(_ERRNO.sub("", str(error))) or type(error).__name__


def blocked_words(error: Exception) -> str:
    """That an address is refused, and the box that allows it."""
    return f"{error}. If that is meant, write its network under “Private networks that may be reached”."
