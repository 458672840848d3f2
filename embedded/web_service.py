"""The site as a service of ``up``: apart from the others, because a ``crawl`` needs no web server."""

from __future__ import annotations

import socket

from django.conf import settings

from embedded.programs import web as web_program
from embedded.services import program
from embedded.supervisor import Service


def web(host: str, port: int) -> Service:
    """The site."""
    variables = {"CRAWLBEAT_PROCESS": "threads", "ALLOWED_HOSTS": ",".join(_names(host))}
    return program("web", web_program, ["--host", host, "--port", str(port)], variables)


def _names(host: str) -> list[str]:
    """The names by which a browser may ask for the site: ALLOWED_HOSTS, or those of ``host``."""
    names = list(settings.ALLOWED_HOSTS)
    if names != settings.LOOPBACK_NAMES:
        return names
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        names += [socket.gethostname(), socket.getfqdn()]
    elif host not in names:
        names.append(f"[{host}]" if ":" in host else host)
    return names
