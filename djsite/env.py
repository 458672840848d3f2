"""The only reader of the environment: typed helpers, secrets from files, errors that name the variable."""

from __future__ import annotations

import os
from difflib import get_close_matches
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SHORTEST_KEY = 32  # characters; the embedded mode makes 67


PREFIX = "CRAWLBEAT_"
OF_OTHERS = {  # of commands, the launcher, compose.yml, entrypoint.sh, tests, and from parent to child
    "CRAWLBEAT_URL",
    "CRAWLBEAT_TOKEN",
    "CRAWLBEAT_PYTHON",
    "CRAWLBEAT_VENV",
    "CRAWLBEAT_LISTEN",
    "CRAWLBEAT_CONCURRENCY",
    "CRAWLBEAT_TEST_DATABASE",
    "CRAWLBEAT_DIE_WITH_PARENT",
    "CRAWLBEAT_KEEPER",
}
ALIKE = 0.8  # how near a name must be to one of ours to be a slip of the pen; 1 is the same
_asked: set[str] = set()  # the names that the settings have asked for


class BadSetting(Exception):
    """An environment variable has a value that cannot be used; the message names it and says what to do."""


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that ``NAME_FILE`` points to (for mounted secrets).

    An empty variable counts as none, because a compose file passes variables that are not set as empty ones.
    """
    _asked.update((name, f"{name}_FILE"))
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE: cannot read {path}: {error.strerror}") from error
    return os.environ.get(name) or default


def key_file(path: Path, loss: str) -> str:
    """A key of a data folder; empty where none was made yet.

    A file that is there is never replaced: ``loss`` says what hangs on the key in it.
    """
    advice = f"restore it from a backup, or delete it to have a new one made: then {loss}"
    if not path.exists():
        return ""
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"the key in {path} cannot be read ({error}); {advice}") from error
    if len(key) < SHORTEST_KEY:
        raise BadSetting(f"the key in {path} is {'cut off' if key else 'empty'}; {advice}")
    return key


def number(name: str, default: float, *, minimum: float = 0) -> float:
    """A number of at least ``minimum``."""
    value = text(name)
    if not value:
        return default
    try:
        result = float(value)
    except ValueError:
        raise BadSetting(f"{name}: {value!r} is not a number") from None
    if result < minimum:
        raise BadSetting(f"{name}: {value} is less than {minimum:g}")
    return result


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """A whole number of at least ``minimum``."""
    result = number(name, default, minimum=minimum)
    if result != int(result):
        raise BadSetting(f"{name}: {result} is not a whole number")
    return int(result)


def boolean(name: str, default: bool = False) -> bool:
    """1, true, yes, on or 0, false, no, off."""
    value = text(name).strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name}: {value!r} is neither yes nor no")


def unknown_variables() -> list[str]:
    """Variables with our prefix that nobody reads; call it after all settings were read.

    Raises:
        BadSetting: one is so like a name of ours that it must be meant, and its value would be ignored.
    """
    ours = (_asked | OF_OTHERS) - {""}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in ours)
    short_names = {name.removeprefix(PREFIX): name for name in ours}
    for name in unknown:
        if near := get_close_matches(name.removeprefix(PREFIX), short_names, n=1, cutoff=ALIKE):
            raise BadSetting(f"{name} is no setting; did you mean {short_names[near[0]]}?")
    return unknown


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def choice(name: str, choices: tuple[str, ...]) -> str:
    """One of some words, or empty."""
    value = text(name).strip().lower()
    if value and value not in choices:
        raise BadSetting(f"{name}: {value!r} is none of {', '.join(choices)}")
    return value


def pairs(name: str, choices: tuple[str, ...]) -> list[tuple[str, str]]:
    """A comma-separated list of ``key=word``, each word one of some; a key may hold an equals sign."""
    found = [tuple(each.rpartition("=")[::2]) for each in words(name)]
    for key, word in found:
        if not key or word not in choices:
            raise BadSetting(f"{name}: {key}={word} must be NAME=ROLE, with one of {', '.join(choices)}")
    return [(key, word) for key, word in found]


def networks(name: str) -> list[str]:
    """A comma-separated list of addresses and networks."""
    found = words(name)
    try:
        for each in found:
            ip_network(each, strict=False)
    except ValueError as error:
        raise BadSetting(f"{name}: {error}") from None
    return found


def issuer(name: str) -> str:
    """The address of a provider: with TLS, or on this machine."""
    value = text(name).strip()
    parts = urlsplit(value)
    is_here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if value and not (parts.hostname and (parts.scheme == "https" or is_here)):
        raise BadSetting(f"{name}: {value!r} must begin with https://")
    return value


def libraries(name: str, extra: str, modules: tuple[str, ...]) -> None:
    """Refuse what the variable switches on if the libraries of an extra are not installed."""
    if missing := [module for module in modules if find_spec(module) is None]:
        raise BadSetting(f"{name}: {', '.join(missing)} is missing: pip install 'crawlbeat[{extra}]'")


def postgresql(name: str) -> dict[str, Any]:
    """Django's settings of the database whose URL the variable holds.

    ``postgres://user:password@host:5432/name?sslmode=require``: characters that mean something in a URL are
    percent-encoded (RFC 3986, section 2.1), and libpq's parameters follow the question mark. A server that
    listens on a unix socket is named by the socket's folder: as libpq has it, ``%2Frun%2Fpostgresql`` for the
    host or ``?host=/run/postgresql``, or before the name, as in ``postgres://user@/run/postgresql/name``.
    """
    unusable = BadSetting(
        f"{name}: it must be like postgres://user:password@host:5432/name, and in the password each of "
        "/ ? # % : @ must be percent-encoded (%2F %3F %23 %25 %3A %40)"
    )
    try:
        parts = urlsplit(text(name))
        port = parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:  # its message would show a part of the password
        raise unusable from None
    host = parts.hostname or ""
    if host.startswith("%2f"):  # a folder; hostname is in lower case
        host = parts.netloc.rpartition("@")[2].partition(":")[0]
    folder, _, database = parts.path.lstrip("/").rpartition("/")
    if parts.scheme not in {"postgres", "postgresql"} or not database or (host and folder):
        raise unusable
    if "@" in parts.path or parts.fragment:  # the end of a password
        raise unusable
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(database),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host or (folder and f"/{folder}")),
        "PORT": port or "",
        "OPTIONS": options,
    }
