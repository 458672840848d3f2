"""About how long a run will still take: from what waits on each host, and how fast each answers now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from catalog.models import Host, Run, RunHost, Visit
from djsite.desk.words import rough_span

WINDOW = timedelta(minutes=5)  # the pace is that of the last minutes
LEAST = 5  # answers of a host in the window, below which its pace is not known
HOSTS = 20  # of a run; with more, nothing is foretold
COUNTED = 20_000  # waiting addresses that are counted by host


@dataclass(frozen=True)
class TimeLeft:
    """A forecast for what waits now; links that are found later come on top."""

    seconds: float
    per_minute: float
    waiting: int

    @property
    def words(self) -> str:
        """``about 14 min left, at 62 pages a minute``."""
        pace = f"{self.per_minute:,.0f}" if self.per_minute >= 1 else f"{self.per_minute:.1f}"
        return f"about {rough_span(max(1, self.seconds))} left, at {pace} pages a minute"


def time_left(run: Run, now: datetime) -> TimeLeft | None:
    """The forecast of a run that goes; None where it is not known.

    The hosts of a run are asked side by side, so the run ends with the one that needs longest. Nothing is
    known of a run that is paused, has hardly begun, waits for a host that rests, or has very many hosts.
    """
    waiting = run.discovered - run.done
    if run.state != Run.State.OPEN or run.started_at is None or waiting <= 0:
        return None
    hosts = _waiting_by_host(run, waiting)
    if not hosts or _one_rests(hosts.keys(), now):
        return None
    since = max(run.started_at, now - WINDOW)
    minutes = (now - since) / timedelta(minutes=1)
    answers = {host: _answers(run, host, since) for host in hosts}
    if min(answers.values()) < LEAST or minutes <= 0:
        return None
    longest = max(count / answers[host] for host, count in hosts.items())
    return TimeLeft(longest * minutes * 60, sum(answers.values()) / minutes, waiting)


def _waiting_by_host(run: Run, waiting: int) -> dict[int, int]:
    """How many addresses wait on each host; none if that is not to be counted quickly."""
    hosts = list(RunHost.objects.filter(run=run).values_list("host", flat=True)[: HOSTS + 1])
    if len(hosts) == 1:
        return {hosts[0]: waiting}
    if len(hosts) > HOSTS or waiting > COUNTED:
        return {}
    rows = Visit.objects.filter(run=run, state__lt=Visit.State.FETCHED).order_by().values_list("host")
    return dict(rows.annotate(count=Count("pk")))


def _answers(run: Run, host: int, since: datetime) -> int:
    """The answers of a host to a run since then; a range of the index of its answers."""
    return Visit.objects.filter(host=host, run=run, fetched_at__gte=since).count()


def _one_rests(hosts: Collection[int], now: datetime) -> bool:
    return Host.objects.filter(pk__in=hosts, open_until__gt=now).exists()
