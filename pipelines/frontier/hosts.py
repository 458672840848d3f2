"""Hosts and their leases: who may ask a host, which work it has, and when it may next be asked.

A fetch session leases hosts; a lease covers every queued visit of the host, so visits need none. A lease
ends by release, by the owner's restart (:func:`release_owner`) or by time; visits in hand that were not
handed over are then fetched again by the next session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from catalog.models import Host, Visit
from catalog.sql.bulk import update_each
from crawler.lanes import Lane, lane_of

MOST_DEATHS = 1000  # that are counted
QUARANTINED = 100  # visits of a host that are kept in mind
LEAD = timedelta(seconds=1)  # a host that may be asked within this time is worth leasing now


@dataclass(frozen=True)
class Claim:
    """What a session asks for: how many hosts, of which ranks, for which owner and how long."""

    limit: int
    max_rank: int
    owner: str  # the worker's node name
    token: str  # the session's
    seconds: float  # length of the lease
    reserved: int = 0  # how many of the hosts should have work of ``own`` ranks, if there are any
    own: range = range(0)


_IDS: dict[str, int] = {}  # committed hosts by origin; rows of hosts are never deleted
_IDS_LIMIT = 200_000


def host_ids(origins: Collection[str]) -> dict[str, int]:
    """The ids of the hosts by origin; missing hosts are created."""
    known = {origin: _IDS[origin] for origin in origins if origin in _IDS}
    missing = sorted(set(origins) - known.keys())
    if missing:
        Host.objects.bulk_create([Host(origin=origin) for origin in missing], ignore_conflicts=True)
        ids = dict(Host.objects.filter(origin__in=missing).values_list("origin", "id"))
        transaction.on_commit(lambda: _remember(ids))
        known |= ids
    return known


def _remember(ids: Mapping[str, int]) -> None:
    if len(_IDS) > _IDS_LIMIT:
        _IDS.clear()
    _IDS.update(ids)


def forget_ids() -> None:
    """Empty the cache of host ids (tests, whose databases are emptied)."""
    _IDS.clear()


Offer = tuple[int, datetime]  # of work: its rank and the time from which it is due


def offer(ids_by_offer: Mapping[Offer, Collection[int]]) -> None:
    """Tell hosts of new work: their rank and due time only get better, and most are good enough already."""
    ids = {pk for ids in ids_by_offer.values() for pk in ids}
    changed = [host for host in _locking(ids).only("rank", "due_at") if _improve(host, ids_by_offer)]
    update_each(changed, ["rank", "due_at"])


def _improve(host: Host, ids_by_offer: Mapping[Offer, Collection[int]]) -> bool:
    """Whether one of the offers is better than what the host has, which is then set on the object."""
    before = (host.rank, host.due_at)
    for (rank, due_at), ids in ids_by_offer.items():
        if host.pk in ids:
            host.rank = min(host.rank, rank)
            host.due_at = due_at if host.due_at is None else min(host.due_at, due_at)
    return before != (host.rank, host.due_at)


def lease(claim: Claim, now: datetime) -> list[Host]:
    """Lease up to ``claim.limit`` hosts with due work, those reserved first, then the best ranks.

    A lease that ran out is taken over, but its holder may have asked the host until that moment: the host
    is then not asked before its delay has passed since (the caller knows the delay and ``lease_until``).
    A lease of the claimer's own that ran out (its process stood still) is left to :func:`renew`: the session
    still has the host's visits in hand, and would load them a second time.
    """
    if not claimable(claim.max_rank, now):  # spares SQLite its write lock
        return []
    with transaction.atomic():
        chosen = _take(claim, claim.own, min(claim.reserved, claim.limit), now)
        return chosen + _take(claim, range(claim.max_rank + 1), claim.limit - len(chosen), now)


def _take(claim: Claim, ranks: range, limit: int, now: datetime) -> list[Host]:
    if limit <= 0:
        return []
    chosen = list(
        _claimable(ranks[-1], now)
        .filter(rank__gte=ranks[0])
        .exclude(lease_token=claim.token)
        .select_for_update(skip_locked=True, no_key=True)
        .order_by("rank", "due_at")[:limit]
    )
    _count_death([host for host in chosen if host.lease_owner])
    Host.objects.filter(pk__in=[host.pk for host in chosen]).update(
        lease_owner=claim.owner,
        lease_token=claim.token,
        lease_until=now + timedelta(seconds=claim.seconds),
    )
    return chosen


def lease_one(host_id: int, owner: str, token: str, seconds: float, now: datetime) -> Host | None:
    """Lease a host whether it has work or not, as :func:`lease` does; None when it may not be."""
    with transaction.atomic():
        host = _locking([host_id]).filter(
            Q(lease_until=None) | Q(lease_until__lte=now), Q(open_until=None) | Q(open_until__lte=now)
        ).first()  # fmt: skip
        if host is None:
            return None
        _count_death([host] if host.lease_owner else [])
        Host.objects.filter(pk=host_id).update(
            lease_owner=owner, lease_token=token, lease_until=now + timedelta(seconds=seconds)
        )
        return host


def claimable(max_rank: int, now: datetime) -> bool:
    """Whether a host with due work of these ranks waits for a session."""
    return _claimable(max_rank, now).exists()


def waiting(ranks: range, limit: int, now: datetime) -> list[int]:
    """Ids of hosts with due work of these ranks that no session holds, the best first."""
    claimable_hosts = _claimable(ranks[-1], now).filter(rank__gte=ranks[0])
    return list(claimable_hosts.order_by("rank").values_list("pk", flat=True)[:limit])


def _claimable(max_rank: int, now: datetime) -> QuerySet[Host]:
    return Host.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=now),
        Q(next_request_at=None) | Q(next_request_at__lte=now + LEAD),
        Q(open_until=None) | Q(open_until__lte=now),
        rank__lte=max_rank,
        due_at__lte=now,
    )


def renew(token: str, next_requests: Mapping[int, datetime | None], until: datetime) -> set[int]:
    """Extend a session's leases to ``until``; returns the hosts that are still its own.

    Also saves the next request times, so that they are known if the session dies.
    """
    with transaction.atomic():
        own = set(_locked(next_requests).filter(lease_token=token).values_list("pk", flat=True))
        Host.objects.filter(pk__in=own).update(lease_until=until)
        _set_times("next_request_at", {pk: at for pk, at in next_requests.items() if at and pk in own})
    return own


def release(token: str, states: Sequence[Host], now: datetime) -> dict[Lane, set[int]]:
    """Give hosts back with what the session learnt of them (politeness, breaker, last answer).

    ``states`` are the session's own Host objects; hosts that are no longer its own are left alone. Returns
    those that have work due, by its lane.
    """
    with transaction.atomic():
        own = set(
            _locked([host.pk for host in states]).filter(lease_token=token).values_list("pk", flat=True)
        )
        released = [host for host in states if host.pk in own]
        for host in released:
            host.lease_owner = host.lease_token = ""
            host.lease_until = host.suspect = None
            host.deaths = 0
        update_each(released, _SESSION_FIELDS)
        _requeue(own, now)
        due = Host.objects.filter(pk__in=own, rank__lt=Host.NO_WORK, due_at__lte=now)
        by_lane: dict[Lane, set[int]] = defaultdict(set)
        for pk, rank in due.values_list("pk", "rank"):
            by_lane[lane_of(rank)].add(pk)
        return by_lane


_SESSION_FIELDS = [
    "lease_owner", "lease_token", "lease_until", "next_request_at", "slowdown", "failures", "failing",
    "open_until", "last_status", "last_reason", "last_fetch_at", "deaths", "suspect",
]  # fmt: skip


def release_owner(owner: str, now: datetime, *, died: bool = True) -> int:
    """Free the leases of a worker that is gone (its node name has been started again); returns how many.

    ``lease_until`` stays in the past as a trace: the next holder waits out the host's delay from now. A
    worker that only gave up its work in time has not ``died``.
    """
    with transaction.atomic():
        held = list(_locking(Host.objects.filter(lease_owner=owner).values_list("pk", flat=True)))
        if died:
            _count_death(held)
        free = {"lease_owner": "", "lease_token": ""}
        return Host.objects.filter(pk__in=[host.pk for host in held]).update(**free, lease_until=now)


def free_ended(before: datetime) -> int:
    """Remove the owner of leases that ended before ``before`` and were not taken over; returns how many.

    ``lease_until`` stays as a trace, as in :func:`release_owner`.
    """
    ended = Host.objects.filter(lease_until__lt=before).exclude(lease_owner="")
    if not ended.exists():
        return 0
    with transaction.atomic():
        held = list(_locking(ended.values_list("pk", flat=True)).filter(lease_until__lt=before))
        _count_death(held)
        return Host.objects.filter(pk__in=[host.pk for host in held]).update(lease_owner="", lease_token="")


def _count_death(held: Sequence[Host]) -> None:
    """The session that held these hosts died: note which visits were under suspicion."""
    for host in held:
        host.deaths = min(host.deaths + 1, MOST_DEATHS)
        if host.suspect is not None:
            host.quarantined = [*host.quarantined, host.suspect][-QUARANTINED:]
            host.suspect = None
    update_each(held, ["deaths", "suspect", "quarantined"])


def suspect(host_id: int, visit_id: int | None) -> None:
    """Name the visit that is asked for alone, or none."""
    Host.objects.filter(pk=host_id).update(suspect=visit_id)


def requeue(ids: Collection[int], now: datetime) -> None:
    """Recompute rank and due time of hosts from their queued visits."""
    with transaction.atomic():
        _locked(ids)
        _requeue(ids, now)


def _requeue(ids: Collection[int], now: datetime) -> None:
    queued = Visit.objects.filter(host=OuterRef("pk"), state=Visit.State.QUEUED)
    due = queued.filter(due_at__lte=now).order_by("rank", "due_at")
    later = queued.order_by("due_at")
    Host.objects.filter(pk__in=ids).update(
        rank=Coalesce(
            Subquery(due.values("rank")[:1]),
            Subquery(later.values("rank")[:1]),
            Value(Host.NO_WORK, output_field=Host._meta.get_field("rank")),
        ),
        due_at=Coalesce(Subquery(due.values("due_at")[:1]), Subquery(later.values("due_at")[:1])),
    )


def _locked(ids: Iterable[int]) -> QuerySet[Host]:
    """Hosts that are locked now."""
    hosts = _locking(ids)
    list(hosts.values_list("pk"))
    return hosts


def _locking(ids: Iterable[int]) -> QuerySet[Host]:
    """Hosts in the order of their ids, in which all code locks them: two transactions cannot deadlock.

    ``no_key``: inserts that refer to hosts are checked when they commit, in any order, and must not wait.
    """
    return Host.objects.select_for_update(no_key=True).filter(pk__in=list(ids)).order_by("pk")


def _set_times(column: str, values: Mapping[int, datetime]) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE catalog_host SET {column} = %s WHERE id = %s",  # noqa: S608  a name of ours
            [(adapt(at), pk) for pk, at in sorted(values.items())],
        )
