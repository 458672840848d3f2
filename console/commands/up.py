"""``crawlbeat up``: everything in one foreground process tree."""

from __future__ import annotations

import argparse
import secrets
import shlex
import socket
import sys
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User

from console.checks import check_address
from embedded import services, web_service
from embedded.datadir import ROOT, DataFolder
from embedded.errors import Interrupted, Trouble
from embedded.keeper import Keeper, free_beat_lock, give_back_work, in_use
from embedded.signals import Signals
from embedded.supervisor import Service

READY_SECONDS = 60.0
HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - for who listens everywhere, this machine


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run until a signal asks us to stop."""
    return serve(Site("up", options.host, options.port), folder)


class Site:
    """The site that a keeper runs; ``demo`` adds services."""

    def __init__(self, kind: str, host: str, port: int) -> None:
        self.kind = kind
        self.host = host
        self.port = port

    @property
    def address(self) -> str:
        """Where the site answers a browser on this machine."""
        host = HERE.get(self.host, self.host)
        names = web_service.names(self.host)
        if self.host in HERE and host not in [name.strip("[]") for name in names]:
            host = names[0].lstrip(".")  # ALLOWED_HOSTS leaves loopback out
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def more(self) -> list[Service]:
        """Further services; called when the tables are up to date."""
        return []

    def greeting(self) -> list[str]:
        """Further lines of the greeting."""
        return []


def serve(site: Site, folder: DataFolder) -> int:
    """Keep the folder and run everything until a signal asks us to stop."""
    with Signals() as signals:
        keeper = Keeper(folder, site.kind, signals, problem)
        if not keeper.take_folder():
            raise Trouble(in_use(folder))
        try:
            password = start(keeper, site)
            if keeper.wait_until(lambda: _listens(site.host, site.port), READY_SECONDS):
                greet(keeper, site, password)
            while not keeper.stopping:
                keeper.wait()
            say("\nStopping; Ctrl-C again to stop at once.")
        except Interrupted:
            pass  # nothing runs yet
        finally:
            keeper.stop()
    say("Stopped.")
    return 0


def start(keeper: Keeper, site: Site) -> str | None:
    """Start everything; the password of the administrator if there was none before."""
    check_address(site.host, site.port)
    keeper.note(address=site.address)
    keeper.prepare()
    password = first_admin()
    free_beat_lock()
    keeper.start(
        [
            *services.workers(give_back_work),
            web_service.web(site.host, site.port),
            services.beat(free_beat_lock),
            *site.more(),
        ]
    )
    return password


def first_admin() -> str | None:
    """Make the first administrator; its password, shown once and stored hashed. None when there is one."""
    if User.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser("admin", "", password)
    return password


def greet(keeper: Keeper, site: Site, password: str | None) -> None:
    """Print where everything is."""
    say(f"Crawlbeat is running at {site.address}")
    for line in from_elsewhere(site):
        say(f"  {line}")
    if password:
        say(f"  sign in   admin / {password}   (shown this once)")
    else:
        say(f"  password  forgotten? {new_password(keeper.folder)}")
    for line in site.greeting():
        say(f"  {line}")
    say(f"  data      {keeper.folder.path}")
    say(f"  logs      {keeper.folder.logs}")
    say("Ctrl-C stops it.")


def from_elsewhere(site: Site) -> list[str]:
    """What people on other machines need to know, where the site listens for them."""
    if site.host not in HERE:
        return []
    names = [name for name in web_service.names(site.host) if name not in settings.LOOPBACK_NAMES]
    addresses = [f"http://{name}:{site.port}/" for name in dict.fromkeys(names)]
    others = f"others    {', '.join(addresses)}; for another name, set ALLOWED_HOSTS"
    if settings.HTTPS:
        return [others, "          only by the proxy with TLS in front, because CRAWLBEAT_HTTPS is set"]
    plain = "          it is plain http: in a network that you do not trust, put a proxy with TLS in front"
    return [others, plain]


def new_password(folder: DataFolder) -> str:
    """The command that gives the first administrator a new password."""
    where = "" if folder.path == (ROOT / "var") else f"CRAWLBEAT_DATA={shlex.quote(str(folder.path))} "
    name = User.objects.filter(is_superuser=True).order_by("pk").values_list("username", flat=True).first()
    return f"{where}./crawlbeat manage changepassword {shlex.quote(name or 'admin')}"


def say(line: str) -> None:
    print(line, flush=True)


def problem(line: str) -> None:
    """A line about something that went wrong, with its time."""
    print(f"{datetime.now().astimezone():%H:%M:%S} {line}", file=sys.stderr, flush=True)


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((HERE.get(host, host), port), timeout=1).close()
    except OSError:
        return False
    return True
