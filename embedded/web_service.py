"""The site as a service of ``up``: apart from the others, because a ``crawl`` needs no web server."""

from __future__ import annotations

import socket

from django.conf import settings

from embedded.programs import web as web_program
from embedded.services import program
from embedded.supervisor import Service


def web(host: str, port: int) -> Service:
    """The site."""
    variables = {"CRAWLBEAT_PROCESS": "threads", "ALLOWED_HOSTS": ",".join(names(host))}
    return program("web", web_program, ["--host", host, "--port", str(port)], variables)


def names(host: str) -> list[str]:
    """The names by which a browser may ask for the site: ALLOWED_HOSTS, or those of ``host``."""
    allowed = list(settings.ALLOWED_HOSTS)
    if allowed != settings.LOOPBACK_NAMES:
        return allowed
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        allowed += [*own_address(), socket.gethostname(), socket.getfqdn()]
    elif host not in allowed:
        allowed.append(f"[{host}]" if ":" in host else host)
    return allowed


def own_address() -> list[str]:
    """The address by which this machine's network knows it, if there is a network. Nothing is sent.

    A browser that asks by an IP address cannot have been led here by somebody's name server, so it needs no
    setting to be let in.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # chooses a route: RFC 5737 keeps that network for documents
        except OSError:
            return []
        address = str(probe.getsockname()[0])
    return [] if address.startswith("127.") else [address]
