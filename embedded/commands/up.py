"""``crawlbeat up``: everything in one foreground process tree."""

from __future__ import annotations

import argparse
import secrets
import socket
import sys
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from embedded import services
from embedded.datadir import DataFolder
from embedded.keeper import Keeper, free_leases
from embedded.supervisor import Service
from embedded.trouble import Trouble, UsageError
from scheduler.entries import reconcile

READY_SECONDS = 60.0


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run until somebody asks us to stop."""
    with Keeper(folder, "up", problem) as keeper:
        serve(keeper, options)
    say("Stopped.")
    return 0


def serve(keeper: Keeper, options: argparse.Namespace, extra: Iterable[Service] = ()) -> None:
    """Start everything, say where it is, and mind it until somebody asks us to stop."""
    check_address(options.host, options.port)
    address = f"http://{_in_url(options.host)}:{options.port}/"
    keeper.note(address=address)
    keeper.prepare()
    password = first_admin()
    reconcile(timezone.now())
    keeper.start(
        [*extra, *services.workers(free_leases), services.web(options.host, options.port), services.beat()]
    )
    if keeper.until(lambda: _listens(options.host, options.port), READY_SECONDS):
        greet(keeper, address, password)
    while not keeper.stopping:
        keeper.wait()
    say("\nStopping…")


def check_address(host: str, port: int) -> None:
    """Raise when the site cannot listen there."""
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


def first_admin() -> str | None:
    """Make the first administrator; its password, shown once and stored hashed. None when there is one."""
    if User.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser("admin", "", password)
    return password


def greet(keeper: Keeper, address: str, password: str | None) -> None:
    """Say where everything is."""
    say(f"Crawlbeat is running at {address}")
    if password:
        say(f"  sign in   admin / {password}   (shown this once)")
    say(f"  data      {keeper.folder.path}")
    say(f"  logs      {keeper.folder.logs}")
    say("Ctrl-C stops it.")


def say(line: str) -> None:
    print(line, flush=True)


def problem(line: str) -> None:
    """A line about something that went wrong, with its time."""
    print(f"{datetime.now().astimezone():%H:%M:%S} {line}", file=sys.stderr, flush=True)


def _listens(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        socket.create_connection((reachable, port), timeout=1).close()
    except OSError:
        return False
    return True


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
