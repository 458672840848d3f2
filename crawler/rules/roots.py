"""The roots of a run, from which its scope is measured: its start URLs, and where these lead."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from crawler.policy import Scope
from crawler.rules.urls import host_of, origin_of, registrable_domain


def same_site(url: str, others: Collection[str]) -> bool:
    """Whether a resolved URL is of the site of one of the others: it has their registrable domain.

    Addresses and names that nobody registered, such as ``localhost``, are of one site on one port only.
    """
    site = _site(url)
    return any(_site(other) == site for other in others)


def roots_after(scope: Scope, roots: Sequence[str], url: str, target: str) -> list[str]:
    """The roots once the root ``url`` has redirected to ``target``, which joins them if it is of their site.

    For a prefix, a redirected URL without a slash at its end counts no more: of ``/docs``, which leads to
    ``/docs/``, nobody means the whole host.
    """
    if target in roots or not same_site(target, roots):
        return list(roots)
    replaced = scope is Scope.PREFIX and not url.partition("?")[0].endswith("/")
    return [*(root for root in roots if not (replaced and root == url)), target]


def _site(url: str) -> tuple[str, str]:
    """The registrable domain; of a host without one also its port, those of http and https being one."""
    host = host_of(url)
    domain = registrable_domain(host)
    if "." in domain and not domain.rpartition(".")[2].isdigit() and not domain.startswith("["):
        return domain, ""
    port = origin_of(url).rpartition(":")[2]
    return domain, "" if port in {"80", "443"} else port
