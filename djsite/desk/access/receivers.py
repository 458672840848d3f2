"""Rows that say where something is sent, channels and outlets: their secrets, and who may say where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from catalog.sealing import SealingError, unseal_names
from djsite.desk.audit import AnyUser
from djsite.desk.seeds import may_open_networks
from pipelines.telling.kinds.kind import NETWORKS, Problems, Setting

__all__ = ["NETWORKS", "Problems", "Setting"]
ANEW = "It goes to another receiver now: write it anew."


class Receiver(Protocol):
    """A channel or an outlet."""

    options: Any
    secret: str


def may_change(user: AnyUser, row: Receiver) -> bool:
    """Where staff opened private networks, only staff may say where it goes."""
    return may_open_networks(user) or not row.options.get(NETWORKS)


def may_save(user: AnyUser, before: Receiver | None, options: Mapping[str, Any]) -> bool:
    """Whether somebody may give a row these options: it may reach private networks neither now nor then."""
    opened = options.get(NETWORKS) or (before is not None and before.options.get(NETWORKS))
    return may_open_networks(user) or not opened


def kept_secrets(row: Receiver) -> dict[str, str]:
    """The secrets as they are; none if no key opens them: then they have to be given anew."""
    try:
        return unseal_names(row.secret)
    except SealingError:
        return {}


def follow(
    before: Receiver, options: Mapping[str, Any], given: Mapping[str, str], names: Iterable[str]
) -> Problems:
    """Kept secrets do not follow to another receiver: whoever names it has to know them.

    ``names``: the options that say which receiver it is; an address among the secrets says so too.
    """
    kept = kept_secrets(before)
    moved = any(before.options.get(name) != options.get(name) for name in names)
    if not kept or not (moved or given.get("url", kept.get("url")) != kept.get("url")):
        return {}
    return dict.fromkeys(kept.keys() - given.keys() - {"url"}, ANEW)


def saved_words(given: Mapping[str, str]) -> str:
    """What was saved, for the history: of secrets only that they were replaced."""
    return f"Saved; {', '.join(sorted(given))}: replaced" if given else "Saved."


def server_of(url: str) -> str:
    """The server that a secret address leads to, which may be shown."""
    parts = urlsplit(url)
    return (parts.hostname or "") if parts.scheme in {"http", "https"} else parts.scheme
