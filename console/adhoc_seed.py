"""The seed behind a command-line crawl: made once for the same start URLs, then used again."""

from __future__ import annotations

import argparse
import hashlib

from django.core.exceptions import ValidationError

from catalog.models import Run, Seed
from crawler.lanes import Lane
from crawler.reading.fields.css import check_css
from crawler.rules.urls import canonical_url
from embedded.errors import UsageError

NAME_LENGTH = 200


def find_seed(urls: list[str]) -> Seed | None:
    """The seed that an earlier crawl of these start URLs has made."""
    return Seed.objects.alive().filter(name=seed_name(urls), origin=Seed.Origin.COMMAND).first()


def save_seed(options: argparse.Namespace) -> Seed:
    """The seed of these start URLs, with the options of this command on it."""
    seed = find_seed(options.urls) or Seed(name=seed_name(options.urls), origin=Seed.Origin.COMMAND)
    for name, value in _values(options).items():
        setattr(seed, name, value)
    try:
        seed.full_clean()
    except ValidationError as error:
        told = "; ".join(f"{name}: {texts[0]}" for name, texts in error.message_dict.items())
        raise UsageError(told) from error
    seed.save()
    return seed


def seed_name(urls: list[str]) -> str:
    """The same for the same start URLs, in whatever order."""
    canonical = sorted({canonical_url(url) for url in urls})
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()[:8]
    more = f" and {len(canonical) - 1} more" if len(canonical) > 1 else ""
    tail = f"{more} (command {digest})"
    return canonical[0][: NAME_LENGTH - len(tail)] + tail


def unfinished_run(urls: list[str]) -> Run | None:
    """The latest command-line run of these start URLs that has not ended."""
    runs = Run.objects.live().filter(seed=find_seed(urls), kind=Run.Kind.COMMAND)
    return runs.exclude(state=Run.State.STOPPING).order_by("-pk").first()


def check_fields(options: argparse.Namespace) -> None:
    """Raise UsageError for a selector that cannot be used, or a name that comes twice."""
    names = [rule.name for rule in options.field]
    for rule in options.field:
        if names.count(rule.name) > 1:
            raise UsageError(f"--field: {rule.name!r} is given twice")
        try:
            check_css(rule.css)
        except ValueError as error:
            raise UsageError(f"--field {rule.name}: {error}") from error


def _values(options: argparse.Namespace) -> dict[str, object]:
    return {
        "enabled": True,
        "schedule": Seed.Schedule.MANUAL,
        "start_urls": "\n".join(options.urls),
        "scope": options.scope,
        "max_depth": options.depth,
        "max_pages": options.max_pages,
        "delay": options.delay,
        "per_host": options.per_host,
        "lane": Lane[options.lane.upper()],
        "priority": options.priority,
        "user_agent": options.user_agent or "",
        "allow_networks": "\n".join(options.allow_network),
        "fields": [{"name": rule.name, "css": rule.css} for rule in options.field],
    }
