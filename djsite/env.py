"""The one reader of the environment: typed helpers, secrets from files, loud failures."""

from __future__ import annotations

import os
from pathlib import Path


class BadSetting(Exception):
    """An environment variable has a value that cannot be used; the message names it and says what to do."""


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that ``NAME_FILE`` points to (for mounted secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE: cannot read {path}: {error.strerror}") from error
    return os.environ.get(name, default)


def number(name: str, default: float, *, minimum: float = 0) -> float:
    """A number of at least ``minimum``."""
    value = os.environ.get(name, "")
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
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name}: {value!r} is neither yes nor no")


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
