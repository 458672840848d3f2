"""The leases of a session: how many it asks for, how long it trusts them, and how it gives hosts back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from catalog.models import Host
from crawler.lanes import Lane, ranks_of, worst_rank
from pipelines.fetch import leases
from pipelines.fetch.contexts import RunContext
from pipelines.fetch.leases import Leases
from pipelines.frontier.hosts import Claim
from tests.factories import NOW
from tests.harness.fake_time import now, on_fake_time
from tests.unit.fetch.parts import BULK, NORMAL, URGENT, DirectLoop, answer, numbered_host, run_context

ROOM, SECONDS = 16, 30.0


class Frontier:
    """Stands for the rows of hosts: what a session asks of them, and what they say."""

    def __init__(self) -> None:
        self.waiting: list[Host] = []
        self.claims: list[Claim] = []
        self.renewals: list[tuple[dict[int, datetime | None], datetime]] = []
        self.renewed_at: list[float] = []
        self.released: list[Host] = []
        self.lost: set[int] = set()
        self.error: Exception | None = None
        self.Claim = Claim

    def lease(self, claim: Claim, now: datetime) -> list[Host]:
        self.claims.append(claim)
        leased, self.waiting = self.waiting[: claim.limit], self.waiting[claim.limit :]
        return leased

    def renew(self, token: str, times: dict[int, datetime | None], until: datetime) -> set[int]:
        self.renewed_at.append(now())
        if self.error is not None:
            raise self.error
        self.renewals.append((times, until))
        return times.keys() - self.lost

    def release(self, token: str, states: Sequence[Host], now: datetime) -> dict[Lane, set[int]]:
        self.released += states
        return {Lane.BULK: {host.pk for host in states}}


class Contexts:
    """Stands for the session's runs: each host has one, whose delay is the host's number in seconds."""

    def of_hosts(self, host_ids: Sequence[int]) -> dict[int, list[RunContext]]:
        return {pk: [run_context(pk, delay=pk)] for pk in host_ids}


@pytest.fixture
def frontier(monkeypatch: pytest.MonkeyPatch, settings) -> Frontier:
    settings.SESSION_HOSTS, settings.HOST_LEASE_SECONDS = ROOM, SECONDS
    rows = Frontier()
    monkeypatch.setattr(leases, "hosts", rows)
    monkeypatch.setattr(leases, "db_now", lambda: NOW)
    return rows


@pytest.fixture
def scene(frontier: Frontier) -> SimpleNamespace:
    held = Leases(DirectLoop(), Contexts(), "worker@a", Lane.BULK, worst_rank(Lane.BULK))
    return SimpleNamespace(leases=held, frontier=frontier)


async def claim(scene: SimpleNamespace, *hosts: Host, at: float = 0.0) -> list[int]:
    """Claim at a moment at which these hosts wait."""
    scene.frontier.waiting = list(hosts)
    return [line.host.pk for line in await scene.leases.claim(at)]


@on_fake_time
async def test_a_session_claims_what_it_has_room_for(scene):
    assert await claim(scene, *map(numbered_host, range(1, 11))) == list(range(1, 11))
    assert await claim(scene, *map(numbered_host, range(11, 30))) == list(range(11, 17))
    assert [claim.limit for claim in scene.frontier.claims] == [16, 6]
    assert await claim(scene, numbered_host(40)) == []
    assert len(scene.frontier.claims) == 2  # without room it does not ask


@on_fake_time
async def test_its_claim_is_in_its_name_for_its_ranks_and_for_the_length_of_a_lease(scene):
    await claim(scene)
    (made,) = scene.frontier.claims
    assert (made.owner, made.max_rank, made.seconds) == ("worker@a", 29, SECONDS)
    other = Leases(DirectLoop(), Contexts(), "worker@a", Lane.BULK, 29)
    await other.claim(0.0)
    assert scene.frontier.claims[1].token != made.token


@on_fake_time
async def test_a_quarter_of_its_hosts_is_for_its_own_lane(scene):
    await claim(
        scene, numbered_host(1, rank=URGENT), numbered_host(2, rank=BULK), numbered_host(3, rank=NORMAL)
    )
    await claim(scene)
    first, second = scene.frontier.claims
    assert (first.reserved, second.reserved) == (4, 3)  # it holds one of them
    assert first.own == ranks_of(Lane.BULK)


@on_fake_time
async def test_a_session_of_few_hosts_has_one_for_its_own_lane(scene, settings):
    settings.SESSION_HOSTS = 2
    await claim(scene)
    assert scene.frontier.claims[0].reserved == 1


@on_fake_time
async def test_a_claimed_host_has_the_pace_of_its_open_runs(scene):
    await claim(scene, numbered_host(3))
    line = scene.leases.lines[3]
    assert (line.pace.delay, line.pace.knows(3)) == (3, True)


@on_fake_time
async def test_leases_of_others_that_had_run_out_are_counted(scene):
    gone = {"lease_token": "x", "lease_until": NOW}
    await claim(scene, numbered_host(1, **gone), numbered_host(2), numbered_host(3, **gone))
    assert scene.leases.taken_over == 2
    assert scene.leases.lines[1].pace.not_before == NOW.timestamp() + 1


@on_fake_time
async def test_without_hosts_nothing_is_held(scene):
    await claim(scene, at=100)
    assert not scene.leases.valid(100)


@on_fake_time
async def test_leases_end_by_our_own_clock(scene):
    """A process that stood still must not ask on, though it has heard nothing."""
    await claim(scene, numbered_host(1), at=100)
    assert scene.leases.valid(129.9)
    assert not scene.leases.valid(130)


@on_fake_time
async def test_a_later_claim_does_not_lengthen_the_leases_held_before(scene):
    await claim(scene, numbered_host(1), at=100)
    await claim(scene, numbered_host(2), at=120)
    assert not scene.leases.valid(130)


@on_fake_time
async def test_a_renewal_counts_from_when_it_was_asked_for(scene):
    await claim(scene, numbered_host(1), at=100)
    await scene.leases.renew(125)
    assert scene.leases.valid(154.9)
    assert not scene.leases.valid(155)
    assert scene.frontier.renewals == [({1: None}, NOW + timedelta(seconds=SECONDS))]


@on_fake_time
async def test_a_renewal_leaves_behind_when_each_host_may_be_asked_next(scene):
    await claim(scene, numbered_host(5))
    scene.leases.lines[5].learn(answer(), NOW.timestamp())
    await scene.leases.renew(10)
    assert scene.frontier.renewals[0][0] == {5: NOW + timedelta(seconds=5)}


@on_fake_time
async def test_hosts_that_are_no_longer_ours_close_at_once(scene):
    await claim(scene, numbered_host(1), numbered_host(2))
    scene.frontier.lost = {2}
    await scene.leases.renew(10)
    assert [line.closing for line in scene.leases.lines.values()] == [False, True]


@on_fake_time
async def test_nothing_is_renewed_while_nothing_is_held(scene):
    await scene.leases.renew(10)
    assert not scene.frontier.renewed_at
    assert not scene.leases.valid(10)


@on_fake_time
async def test_a_renewal_that_fails_lengthens_nothing(scene):
    await claim(scene, numbered_host(1), at=100)
    scene.frontier.error = OperationalError("gone")
    with pytest.raises(OperationalError):
        await scene.leases.renew(120)
    assert not scene.leases.valid(130)


@on_fake_time
async def test_leases_are_renewed_every_third_of_their_length_though_the_database_fails(scene):
    await claim(scene, numbered_host(1))
    scene.frontier.error = OperationalError("gone")
    keeping = asyncio.create_task(scene.leases.keep())
    await asyncio.sleep(15)
    scene.frontier.error = None
    await asyncio.sleep(20)
    keeping.cancel()
    assert scene.frontier.renewed_at == [10, 20, 30]
    assert len(scene.frontier.renewals) == 2


@on_fake_time
async def test_hosts_are_given_back_with_what_was_learnt_and_the_time_of_their_next_request(scene):
    await claim(scene, numbered_host(2), numbered_host(4))
    scene.leases.lines[2].learn(answer(429), NOW.timestamp())
    work = await scene.leases.release([scene.leases.lines[2]])
    (host,) = scene.frontier.released
    assert (host.pk, host.slowdown, host.next_request_at) == (2, 2, NOW + timedelta(seconds=4))
    assert work == {Lane.BULK: {2}}
    assert list(scene.leases.lines) == [4]


@on_fake_time
async def test_what_is_given_back_makes_room(scene):
    await claim(scene, *map(numbered_host, range(1, 17)))
    await scene.leases.release(list(scene.leases.lines.values())[:3])
    await claim(scene)
    assert scene.frontier.claims[-1].limit == 3


@on_fake_time
async def test_giving_nothing_back_asks_nobody(scene):
    assert await scene.leases.release([]) == {}
    assert not scene.frontier.released
