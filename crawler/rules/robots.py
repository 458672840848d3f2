"""robots.txt by RFC 9309: which URLs a crawler may request, its Crawl-delay and its sitemaps.

Our own matcher: small, linear in pattern and path, and right on every row of Google's conformance suite.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.sizes import ROBOTS_BYTES

_KEYS = {
    **dict.fromkeys((b"user-agent", b"useragent", b"user agent"), "user-agent"),
    **dict.fromkeys(
        (b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw"), "disallow"
    ),
    b"allow": "allow",
    **dict.fromkeys((b"crawl-delay", b"crawldelay"), "crawl-delay"),
    **dict.fromkeys((b"sitemap", b"site-map"), "sitemap"),
}
"""The keys of lines that are understood, with the typing errors that others accept too (section 2.2.4)."""

_LINE_END = re.compile(rb"\r\n?|\n")
_PRODUCT = re.compile(r"[A-Za-z_-]*")  # section 2.2.1
_COMPATIBLE = re.compile(r"Mozilla/[^(]*\(compatible; *", re.IGNORECASE)
_PATH = re.compile(r"[^/?#]*//[^/?#]*([^#]*)")
_TRIPLET = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENCODED = re.compile(rb"[\x00-\x20\x7f-\xff\"'<>^`{|}]")
_ENCODED_ASCII = re.compile(r"[\x00-\x20\x7f\"'<>^`{|}]")
"""What browsers, or some of them, percent-encode in the path or the query of a URL (WHATWG URL, 1.3)."""


def agent_token(user_agent: str) -> str:
    """The product token by which robots.txt names us (section 2.2.1): ``Crawlbeat`` of ``Crawlbeat/0.1``.

    Of ``Mozilla/5.0 (compatible; Crawlbeat/0.1)`` it is ``Crawlbeat`` too.
    """
    start = _COMPATIBLE.match(user_agent)
    product = _PRODUCT.match(user_agent, start.end() if start else 0)
    return product[0] if product else ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """An allow or disallow line.

    ``pattern`` is what is matched, ``written`` as the file spells it, both in ASCII. A path that matches
    starts with ``head``, contains the parts of ``middle`` in this order and ends in ``tail`` (None: in
    anything).
    """

    allow: bool
    pattern: str
    written: str
    line: int
    head: str
    middle: tuple[str, ...]
    tail: str | None

    @classmethod
    def read(cls, allow: bool, pattern: str, written: str, line: int) -> _Rule:
        """Take a pattern apart (section 2.2.3: ``*`` stands for any octets, ``$`` for the end)."""
        anchored = pattern.endswith("$")
        head, *parts = pattern.removesuffix("$").replace("$", "%24").split("*")
        tail = (parts.pop() if parts else "") if anchored else None
        return cls(allow, pattern, written, line, head, tuple(filter(None, parts)), tail)

    @property
    def rank(self) -> tuple[int, bool]:
        """The most octets win; of equal rules the one that allows (section 2.2.2)."""
        return len(self.pattern), self.allow

    def matches(self, path: str) -> bool:
        """Whether a path that begins with ``head`` matches, in linear time."""
        at = len(self.head)
        for literal in self.middle:
            at = path.find(literal, at) + len(literal)
            if at < len(literal):
                return False
        if self.tail is None:
            return True
        return path.endswith(self.tail, at) if "*" in self.pattern else at == len(path)

    def __str__(self) -> str:
        return f"{'Allow' if self.allow else 'Disallow'}: {self.written} (line {self.line})"


@dataclass
class _Group:
    """The rules of one or more user agents (section 2.2.1)."""

    agents: set[str] = field(default_factory=set)
    rules: list[_Rule] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    closed: bool = False  # a rule was seen: the next user-agent line opens another group

    def add(self, key: str, value: bytes, line: int) -> None:
        if key == "crawl-delay":
            self.delays.extend(_seconds(value))
            return
        self.closed = True
        if not value:  # an empty pattern matches nothing
            return
        allow, pattern = key == "allow", _escape(value)
        self.rules.append(_Rule.read(allow, pattern, pattern, line))
        plain = _TRIPLET.sub(_decode, pattern)
        if not allow and plain != pattern:  # ``/%7E`` forbids ``/~`` (section 2.2.2)
            self.rules.append(_Rule.read(allow, plain, pattern, line))


class Robots:
    """What one robots.txt says. Build it by :meth:`from_response` or :meth:`parse`."""

    def __init__(
        self, groups: tuple[_Group, ...] = (), sitemaps: tuple[str, ...] = (), *, unreachable: bool = False
    ) -> None:
        self._groups = groups
        self._rules: dict[str, list[_Rule]] = {}
        self.sitemaps = sitemaps
        self.unreachable = unreachable

    @classmethod
    def parse(cls, body: bytes | str) -> Robots:
        """Read the first 500 KiB of a file; lines that make no sense are ignored (section 2.3.1.5)."""
        groups: list[_Group] = []
        sitemaps: dict[str, None] = {}
        for line, key, value in _understood_lines(
            body.encode(errors="replace") if isinstance(body, str) else body
        ):
            if key == "sitemap":  # belongs to no group and ends none (section 2.2.4)
                sitemaps[value.decode(errors="replace")] = None
            elif key == "user-agent":
                if not groups or groups[-1].closed:
                    groups.append(_Group())
                groups[-1].agents.add(_agent(value))
            elif groups:
                groups[-1].add(key, value, line)
        return cls(tuple(groups), tuple(sitemaps))

    @classmethod
    def from_response(cls, status: int | None, body: bytes | str) -> Robots:
        """The rules in force after an attempt to fetch robots.txt; ``status`` None means no answer.

        Section 2.3.1.1 success: the file's own. 2.3.1.2 redirects: ``status`` is the last one's, and 3xx
        says that they did not end. 2.3.1.3 unavailable (4xx, endless redirects): everything is allowed.
        2.3.1.4 unreachable (5xx, no answer): nothing is allowed, and it is to be tried again.
        """
        if status is not None and 200 <= status < 300:
            return cls.parse(body)
        return cls(unreachable=status is None or not 300 <= status < 500)

    def allowed(self, url: str, user_agent: str) -> bool:
        """Whether this crawler may request a URL of the site (section 2.2.2)."""
        if self.unreachable:
            return False
        rule = self._deciding(url, user_agent)
        return rule is None or rule.allow

    def rule(self, url: str, user_agent: str) -> str:
        """The line that decides on a URL, for people; empty when none does."""
        if self.unreachable:
            return "robots.txt could not be reached"
        rule = self._deciding(url, user_agent)
        return "" if rule is None else str(rule)

    def crawl_delay(self, user_agent: str) -> float | None:
        """Seconds between requests that the site asks for (not in the RFC); of several the largest."""
        groups = self._groups_of(agent_token(user_agent).lower())
        return max((delay for group in groups for delay in group.delays), default=None)

    def rules(self, user_agent: str) -> tuple[str, ...]:
        """The lines that apply to this crawler, for people: the first that matches a URL decides on it."""
        return tuple(dict.fromkeys(map(str, self._rules_of(agent_token(user_agent).lower()))))

    def group(self, user_agent: str) -> str:
        """The name of the group for this crawler: its own, ``*``, or empty (then all is allowed)."""
        token = agent_token(user_agent)
        groups = self._groups_of(token.lower())
        if not groups:
            return ""
        return token if token.lower() in groups[0].agents else "*"

    def _deciding(self, url: str, user_agent: str) -> _Rule | None:
        """The most specific rule that matches the URL."""
        spellings = _spellings(url)
        if "/robots.txt" in spellings:  # implicitly allowed
            return None
        rules = self._rules_of(agent_token(user_agent).lower())
        matches = [rule for path in spellings if (rule := _first(rules, path))]
        return max(matches, key=lambda rule: rule.rank, default=None)

    def _rules_of(self, token: str) -> list[_Rule]:
        """The rules for a crawler, the most specific first."""
        if token not in self._rules:
            rules = [rule for group in self._groups_of(token) for rule in group.rules]
            self._rules[token] = sorted(rules, key=lambda rule: rule.rank, reverse=True)
        return self._rules[token]

    def _groups_of(self, token: str) -> list[_Group]:
        """All groups that name the crawler, else all for ``*`` (section 2.2.1: they count as one)."""
        named = [group for group in self._groups if token in group.agents] if token else []
        return named or [group for group in self._groups if "*" in group.agents]


def _first(rules: list[_Rule], path: str) -> _Rule | None:
    for rule in rules:
        if path.startswith(rule.head) and rule.matches(path):
            return rule
    return None


def _understood_lines(body: bytes) -> Iterator[tuple[int, str, bytes]]:
    """Number, key and value of each line that is understood (section 2.2)."""
    for number, line in enumerate(_lines(body), 1):
        text = line.partition(b"#")[0].strip()
        name, colon, value = text.partition(b":")
        if not colon and len(words := text.split()) == 2:  # "disallow /" is accepted
            name, value = words
        key = _KEYS.get(name.strip().lower())
        if key and (colon or value):
            yield number, key, value.strip()


def _lines(body: bytes) -> list[bytes]:
    """The lines of the part that is parsed, with any line ending; a line that was cut in two is left out."""
    lines = _LINE_END.split(body[:ROBOTS_BYTES].removeprefix(codecs.BOM_UTF8).replace(b"\0", b""))
    return lines if len(body) <= ROBOTS_BYTES else lines[:-1]


def _agent(value: bytes) -> str:
    """What a user-agent line names: a product token in lower case, or ``*``."""
    text = value.decode("latin-1").lower()
    return "*" if text.split()[:1] == ["*"] else agent_token(text)


def _seconds(value: bytes) -> list[float]:
    """The number of a crawl-delay line, if it is one."""
    try:
        seconds = float(value)
    except ValueError:
        return []
    return [seconds] if math.isfinite(seconds) and seconds >= 0 else []


def _escape(value: bytes) -> str:
    """A pattern as URLs are asked for: in ASCII, hexadecimal digits in upper case (section 2.2.2)."""
    return _upper(_ENCODED.sub(lambda octet: b"%%%02X" % octet[0][0], value).decode())


def _upper(text: str) -> str:
    return _TRIPLET.sub(lambda triplet: triplet[0].upper(), text) if "%" in text else text


def _spellings(url: str) -> set[str]:
    """Path and query of a URL as patterns see them: as they are, and with nothing encoded needlessly.

    Both count, so that no spelling of a path escapes its rule (section 2.2.2). A literal ``*`` or ``$`` is
    encoded (section 2.2.3).
    """
    match = _PATH.match(url)
    path = match[1] if match else url
    path = path if path.startswith("/") else "/" + path
    path = _ENCODED_ASCII.sub(lambda char: f"%{ord(char[0]):02X}", path)
    path = _upper(path.replace("*", "%2A").replace("$", "%24"))
    return {path, _TRIPLET.sub(_decode, path)} if "%" in path else {path}


def _decode(triplet: re.Match[str]) -> str:
    char = chr(int(triplet[0][1:], 16))
    return char if char in _UNRESERVED else triplet[0]
