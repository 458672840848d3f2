"""The list of hosts: bounded, however much is queued or kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery

from catalog.models import Host, Visit
from crawler.rules.pace import Pace
from djsite.desk.hosts.pace import open_policies, pace_in_force
from djsite.desk.hosts.words import state
from djsite.desk.read.tally import Tally
from djsite.desk.words import StateWords

QUEUED = 1_000  # counts of the list stop here: fifty of them make a page


def list_hosts(run: int | None = None) -> QuerySet[Host]:
    """Hosts without their robots.txt; those of one run."""
    hosts = Host.objects.defer("robots_body")
    return hosts.filter(run_hosts__run=run) if run else hosts


@dataclass(frozen=True)
class HostRow:
    """A host in the list; ``pace`` is None where no run is open."""

    host: Host
    state: StateWords
    queued: Tally
    pace: Pace | None


class Capped(Subquery):
    """The number of rows of a sliced query, counted by the database."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


def host_rows(hosts: Sequence[Host], now: datetime) -> list[HostRow]:
    """The rows of the list, in three queries however many hosts."""
    keys = [host.pk for host in hosts]
    queue = Visit.objects.filter(host=OuterRef("pk"), state=Visit.State.QUEUED).order_by()
    counts = dict(
        Host.objects.filter(pk__in=keys).values_list("pk", Capped(queue.values("pk")[: QUEUED + 1]))
    )
    policies = open_policies(keys)
    # most files name no delay: the pace does not depend on them, so they are not read
    with_delay = Host.objects.filter(pk__in=policies, robots_body__icontains="delay")
    bodies = dict(with_delay.values_list("pk", "robots_body"))
    rows = []
    for host in hosts:
        host.robots_body = bodies.get(host.pk, "")
        pace = pace_in_force(host, policies[host.pk]) if host.pk in policies else None
        rows.append(HostRow(host, state(host, now), Tally(counts.get(host.pk, 0), QUEUED), pace))
    return rows
