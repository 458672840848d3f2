"""The seed of a command-line crawl: made once for a name or for some start URLs, and used again for it."""

from __future__ import annotations

import argparse
import hashlib

from django.utils import timezone

from catalog.models import Run, Seed
from catalog.sealing import SealingError
from console import arguments
from console.options.given import given_collections, given_requests
from console.values import NAME_LENGTH
from crawler.lanes import Lane
from crawler.rules.urls import canonical_url
from crawler.seeds import Schedule, check
from djsite.desk import seeds
from embedded.errors import UsageError

OPTIONS = {
    "start_urls": "URL",
    "max_depth": "--depth",
    "ignore_params": "--ignore-param",
    "sitemaps": "--sitemap",
    "headers": "--header",
    "requests": "--request",
    "allow_networks": "--allow-network",
    "fields": "--field",
    "collections": "--collection",
    "learn_noise": "--no-learned-noise",
}  # of the fields of a seed that are called differently


def find_seed(options: argparse.Namespace) -> Seed | None:
    """The seed that an earlier crawl of this name, or of these start URLs, has made.

    Raises UsageError if the name is that of a seed of the site.
    """
    seed = Seed.objects.alive().filter(name=seed_name(options)).first()
    if seed is not None and seed.origin != Seed.Origin.COMMAND:
        raise UsageError(f"--name: the site has a seed {seed.name!r}; choose another name")
    return seed


def save_seed(options: argparse.Namespace) -> Seed:
    """The seed of these start URLs, with the options of this command on it."""
    seed = find_seed(options) or Seed(name=seed_name(options), origin=Seed.Origin.COMMAND)
    for name, value in _seed_fields(options).items():
        setattr(seed, name, value)
    seed.full_clean()
    try:
        seeds.save(seed, timezone.now())
    except SealingError as error:
        raise UsageError(f"--header: {error}") from error
    return seed


def seed_name(options: argparse.Namespace) -> str:
    """The name of the seed: the one given, else that of these start URLs, whose order does not matter."""
    if options.name:
        return str(options.name)
    canonical = sorted({canonical_url(url) for url in options.urls})
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()[:8]
    others = f" and {len(canonical) - 1} more" if len(canonical) > 1 else ""
    tail = f"{others} (command {digest})"
    return canonical[0][: NAME_LENGTH - len(tail)] + tail


def unfinished_run(options: argparse.Namespace) -> Run | None:
    """The latest command-line run of this seed that has not ended."""
    runs = Run.objects.live().filter(seed=find_seed(options), kind=Run.Kind.COMMAND)
    return runs.exclude(state=Run.State.STOPPING).order_by("-pk").first()


def not_applied(options: argparse.Namespace) -> list[str]:
    """The options given that the seed of an unfinished run does not have: the run goes on as it began."""
    seed, given = find_seed(options), _seed_fields(options)
    usual = _seed_fields(arguments.parse(["crawl", *options.urls, "-o", options.output]))
    return [
        OPTIONS.get(name, f"--{name.replace('_', '-')}")
        for name, value in given.items()
        if value != usual[name] and value != getattr(seed, name)
    ]


def check_seed(options: argparse.Namespace) -> None:
    """Raise UsageError about the first option that cannot be used."""
    _, problems = check(_seed_fields(options))
    if problems:
        option = OPTIONS.get(problems[0].field, problems[0].field)
        hint = " Here that is --allow-network." if option == "URL" else ""
        raise UsageError(f"{option}: {problems[0].text}{hint}")


def _seed_fields(options: argparse.Namespace) -> dict[str, object]:
    """The options as fields of a seed."""
    return {
        "enabled": True,
        "schedule": Schedule.MANUAL,
        "start_urls": "\n".join(options.urls),
        "scope": options.scope,
        "include": "\n".join(options.include),
        "exclude": "\n".join(options.exclude),
        "ignore_params": "\n".join(options.ignore_param),
        "sitemaps": "\n".join(options.sitemap),
        "max_depth": options.depth,
        "max_pages": options.max_pages,
        "delay": options.delay,
        "per_host": options.per_host,
        "lane": Lane[options.lane.upper()],
        "priority": options.priority,
        "user_agent": options.user_agent or "",
        "headers": "\n".join(options.header),
        "requests": given_requests(options),
        "allow_networks": "\n".join(options.allow_network),
        "change_means": options.change_means,
        "noise": "\n".join(options.noise),
        "learn_noise": options.learn_noise,
        "second_look_minutes": options.second_look_minutes,
        "keep_versions": options.keep_versions,
        "keep_days": options.keep_days,
        "keep_daily": options.keep_daily,
        "fields": options.field,
        "collections": [collection.plain() for collection in given_collections(options)],
    }
