"""Settings that are dangerous or were forgotten."""

from __future__ import annotations

from django.conf import settings

from scheduler.checks.findings import CheckOptions, Finding, Findings, Level

_SHORTEST_KEY = 32  # characters


def check(options: CheckOptions) -> Findings:
    """Keys, debugging, the names of the site, the contact in the user agent, the time scale."""
    if len(settings.SECRET_KEY) < _SHORTEST_KEY:
        yield Finding(
            "secret-key",
            f"SECRET_KEY has {len(settings.SECRET_KEY)} characters: sessions of the site can be forged.",
            "Set SECRET_KEY to 50 random characters, the same for every process.",
        )
    if settings.DEBUG:
        yield Finding(
            "debug",
            "CRAWLBEAT_DEBUG is on: error pages show settings, and every query is kept in memory.",
            "Unset CRAWLBEAT_DEBUG.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "allowed-hosts",
            "ALLOWED_HOSTS is *: links in the site can be made to lead elsewhere.",
            "Set ALLOWED_HOSTS to the names of the site.",
            Level.NOTE,
        )
    if "set-CRAWLBEAT_CONTACT" in settings.CONTACT_URL:
        yield Finding(
            "contact",
            "The default user agent names no contact: a site owner with a question can only block us.",
            "Set CRAWLBEAT_CONTACT to a page or an address of yours.",
            Level.NOTE,
        )
    if settings.TIME_SCALE != 1:
        yield Finding(
            "time-scale",
            f"CRAWLBEAT_TIME_SCALE is {settings.TIME_SCALE:g}: leases, retries and sweeps are scaled by it.",
            "Unset it outside of tests.",
            Level.NOTE,
        )
    if settings.UNKNOWN_VARIABLES:
        yield Finding(
            "unknown-variable",
            f"Variables that no part of Crawlbeat reads: {', '.join(settings.UNKNOWN_VARIABLES)}.",
            "Compare them with docs/configuration.md, and unset them.",
            Level.NOTE,
        )
    if settings.HOST_LEASE_SECONDS < 1:
        yield Finding(
            "lease-length",
            f"A host's lease is {settings.HOST_LEASE_SECONDS:g} s long: it ends while its session is alive.",
            "Raise CRAWLBEAT_TIME_SCALE to 1; a lease is then 30 s long.",
        )
