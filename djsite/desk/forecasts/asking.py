"""Asking for forecasts, looking at them, and comparing them with what came."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.contrib.auth.models import User

from catalog.clock import db_now
from catalog.models import Forecast, Run, Seed
from crawler.forecasting import forecast as made
from crawler.policy import CrawlPolicy
from djsite.desk.audit import AnyUser
from pipelines.forecasts.work import forecasts_to_do, go_on
from scheduler import dispatch
from scheduler.clock import planning, slots

MONTH = timedelta(days=30)
OWNER = "command"  # of leases that a command holds
WAIT = 0.2  # seconds between two looks of a command


class Came(NamedTuple):
    """What came of the run after a forecast."""

    run: Run
    pages: int
    difference: float  # from what was forecast: -0.04 is four in a hundred fewer


def ask_for_seed(seed: Seed, user: AnyUser | None, now: datetime) -> Forecast:
    """Have a forecast made for a seed as it is, saved or not."""
    policy = seed.policy()
    saved = seed if seed.pk else None
    return _ask(policy, user, saved, _runs_a_month(seed, now))


def ask_for_address(url: str, networks: tuple[str, ...], user: AnyUser | None) -> Forecast:
    """Have a forecast made for an address alone, by the usual rules."""
    return _ask(CrawlPolicy(start_urls=(url,), allow_networks=networks), user, None, 0.0)


def _ask(policy: CrawlPolicy, user: AnyUser | None, seed: Seed | None, runs: float) -> Forecast:
    row = Forecast.objects.create(
        seed=seed,
        address=policy.start_urls[0][:2000],
        policy=policy.plain(),
        runs_a_month=runs,
        created_by=user if isinstance(user, User) else None,
    )
    dispatch.go_on_forecasting(row.pk)
    return row


def _runs_a_month(seed: Seed, now: datetime) -> float:
    """How often a schedule comes due in thirty days; 0 where it does not."""
    if not planning.active(seed):
        return 0.0
    try:
        return float(slots.count_between(seed, now, now + MONTH))
    except ValueError:
        return 0.0


def result_of(row: Forecast) -> made.Forecast | None:
    """The forecast that a row holds; None while there is none."""
    return msgspec.convert(row.result, made.Forecast) if row.result else None


def newest(seed: Seed) -> Forecast | None:
    """The last forecast of a seed."""
    return seed.forecasts.first()


def what_came(row: Forecast) -> Came | None:
    """What the first whole run after a forecast found; None before there is one."""
    result = result_of(row)
    if row.seed_id is None or result is None or not result.pages:
        return None
    runs = Run.objects.filter(seed=row.seed_id, started_at__gte=row.created_at, state=Run.State.FINISHED)
    run = runs.exclude(kind=Run.Kind.RECRAWL).filter(reason="").order_by("started_at").first()
    if run is None:
        return None
    pages = run.stored + run.unchanged
    return Came(run, pages, pages / result.pages - 1)


def make_here(row: Forecast, tell: Callable[[Forecast], None]) -> Forecast:
    """Go on with a forecast in this process until it is ended, or wait for the worker that does."""
    while row.state == Forecast.State.WAITING:
        if row.pk in forecasts_to_do(db_now()):
            go_on(row.pk, db_now(), OWNER, lambda: False)
        else:
            time.sleep(WAIT)
        row.refresh_from_db()
        tell(row)
    return row
