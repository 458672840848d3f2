"""Secrets at rest: sealed with keys that are kept apart from the rows (docs/decisions/0022).

A sealed value is a token of the Fernet specification: AES-128-CBC with HMAC-SHA256. The keys are
those of ``CRAWLBEAT_SECRETS_KEYS``, else those of a file in the data folder, one a line. The first one seals,
every one opens. The file is read each time, so a new key is in force at once in every process.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

MARK = "sealed:"  # before a token
LEAST = 32  # characters of a key
_WHERE = "CRAWLBEAT_SECRETS_KEYS, or the file secrets_key of the data folder"


class SealingError(Exception):
    """A secret cannot be sealed or opened; the sentence says what to do. It holds no secret."""


def new_key() -> str:
    """A random key."""
    return secrets.token_urlsafe(LEAST)


def keys() -> list[str]:
    """All keys, the one that seals first; none when there is none."""
    if settings.SECRETS_KEYS:
        return list(settings.SECRETS_KEYS)
    try:
        text = Path(settings.SECRETS_KEY_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SealingError(f"The key of the secrets cannot be read: {error}") from error
    return text.split()


def write_keys(new: Sequence[str]) -> None:
    """Put these into the file of keys, which has mode 0600, whole or not at all."""
    path = Path(settings.SECRETS_KEY_FILE)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(f"{key}\n" for key in new))
    Path(draft).replace(path)


def seal(text: str) -> str:
    """A secret as it is kept. What is sealed already stays as it is."""
    if not text or text.startswith(MARK):
        return text
    return MARK + _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret. A text that is not sealed is returned as it is.

    Raises:
        SealingError: there is no key, or none of them opens it.
    """
    if not sealed.startswith(MARK):
        return sealed
    try:
        return _fernet().decrypt(sealed.removeprefix(MARK)).decode()
    except InvalidToken:
        raise SealingError(
            f"None of the keys opens a secret. Bring back the key that sealed it ({_WHERE}), or write the "
            "secret anew."
        ) from None


def unseal_names(sealed: str) -> dict[str, str]:
    """Secrets by name, of sealed JSON. Raises as :func:`unseal`."""
    text = unseal(sealed)
    return dict(json.loads(text)) if text else {}


def _fernet() -> MultiFernet:
    known = keys()
    if not known:
        raise SealingError(f"There is no key for secrets. Give one to every process: {_WHERE}.")
    if min(map(len, known)) < LEAST:
        raise SealingError(f"A key for secrets is too short: it needs {LEAST} random characters ({_WHERE}).")
    return MultiFernet([Fernet(_fernet_key(key)) for key in known])


def _fernet_key(key: str) -> bytes:
    """Any long random text serves as a key: 32 bytes of it, as the specification wants them."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())


def seal_lines(headers: str) -> str:
    """Lines of ``Name: value`` with sealed values; a line that is none is sealed as a whole."""
    return "\n".join(map(_seal_line, headers.splitlines()))


def _seal_line(line: str) -> str:
    name, colon, value = line.partition(":")
    if not colon or line.startswith(MARK):
        return seal(line.strip())
    return f"{name.strip()}: {seal(value.strip())}"


class SealedHeaders(models.TextField):  # type: ignore[type-arg]
    """Lines of ``Name: value``; the values are sealed on their way into the database, and stay so here."""

    def get_prep_value(self, value: object) -> object:
        """Every way into the database leads through here: saves, bulk statements, fixtures."""
        prepared = super().get_prep_value(value)
        return seal_lines(prepared) if isinstance(prepared, str) else prepared


class SealedText(models.TextField):  # type: ignore[type-arg]
    """One secret; it is sealed as a whole on its way into the database, and stays so here."""

    def get_prep_value(self, value: object) -> object:
        """Every way into the database leads through here: saves, bulk statements, fixtures."""
        prepared = super().get_prep_value(value)
        return seal(prepared) if isinstance(prepared, str) else prepared
