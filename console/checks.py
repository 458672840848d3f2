"""What several commands look up or check before they begin."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog.models import Seed
from djsite.desk.health import Finding
from embedded.errors import Trouble, UsageError

_OF_CLOCK = {"beat"}


def no_database() -> str | None:
    """Why there is no database; None when there is one. Opening SQLite's file would create an empty one."""
    if settings.DATABASE_URL:
        return None
    file = Path(str(settings.DATABASES["default"]["NAME"]))
    return None if file.exists() else f"there is no database in {file.parent}; name the folder with --data"


def child_findings(keeper: Mapping[str, Any]) -> list[Finding]:
    """Findings about the child processes of the embedded mode, which only its keeper knows."""
    down = [name for name, child in keeper.get("children", {}).items() if child["pid"] is None]
    if not down:
        return []
    return [
        Finding(
            "child-down",
            f"Processes that ended and wait to be started again: {', '.join(down)}.",
            f"Look at their logs in {keeper['logs']}.",
        )
    ]


def needed(findings: Iterable[Finding], keeper: Mapping[str, Any] | None) -> list[Finding]:
    """The findings without those about the clock when the keeper is a ``crawl``, which needs none."""
    is_crawl = keeper is not None and keeper.get("kind") == "crawl"
    return [finding for finding in findings if not (is_crawl and finding.code in _OF_CLOCK)]


def seed_named(name: str) -> Seed:
    """The seed that ``--seed`` names. Raises UsageError when there is none."""
    seed = Seed.objects.alive().filter(name=name).first()
    if seed is None:
        raise UsageError(f"--seed: there is no seed {name!r}{_meant(name)}")
    return seed


def _meant(name: str) -> str:
    """A question for the seed whose name is most like it; empty if none is."""
    names = {each.casefold(): each for each in Seed.objects.alive().values_list("name", flat=True)}
    close = get_close_matches(name.casefold(), names, n=1)
    return f"; did you mean {names[close[0]]!r}?" if close else ""


def check_address(host: str, port: int) -> None:
    """Raise UsageError for a ``--host`` that is not of this machine, Trouble when the port cannot be used."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise UsageError(f"--host: {host!r} is no address of this machine ({error.strerror})") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise Trouble(
                f"cannot listen on {host}, port {port} ({error.strerror}); choose another --host or --port"
            ) from error
