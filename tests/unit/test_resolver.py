"""Names are looked up once for all who wait, and kept for a minute."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from crawler.requests.resolver import DNS_SECONDS, Resolver


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that the system was asked for; those that begin with ``no`` do not resolve."""
    names: list[str] = []

    def answer(host: str, *rest: object) -> list[tuple[object, ...]]:
        names.append(host)
        if host.startswith("no"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, kind, 6, "", ("192.0.2.1", 0)) for kind in (1, 2)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return names


def test_a_name_is_looked_up_once_for_all_who_wait(lookups):
    async def run() -> None:
        resolver = Resolver()
        asked = [resolver.addresses("a.test") for _ in range(3)]
        assert await asyncio.gather(*asked) == [["192.0.2.1"]] * 3

    asyncio.run(run())
    assert lookups == ["a.test"]


def test_addresses_are_kept_for_a_minute(lookups, monkeypatch):
    async def run() -> None:
        resolver = Resolver()
        await resolver.addresses("a.test")
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + DNS_SECONDS - 1)
        await resolver.addresses("a.test")
        assert len(lookups) == 1
        monkeypatch.setattr(time, "monotonic", lambda: now + DNS_SECONDS + 1)
        await resolver.addresses("a.test")
        assert len(lookups) == 2

    asyncio.run(run())


def test_a_failure_is_told_to_all_who_wait_and_not_kept(lookups):
    async def run() -> None:
        resolver = Resolver()
        asked = [resolver.addresses("no.test") for _ in range(2)]
        failures = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(failure) for failure in failures] == [socket.gaierror] * 2
        with pytest.raises(OSError, match="Name or service"):
            await resolver.addresses("no.test")

    asyncio.run(run())
    assert lookups == ["no.test"] * 2


def test_whoever_gives_up_does_not_end_the_lookup_for_the_others(lookups):
    async def run() -> list[str]:
        resolver = Resolver()
        patient, hasty = (asyncio.create_task(resolver.addresses("a.test")) for _ in range(2))
        await asyncio.sleep(0)
        hasty.cancel()
        return await patient

    assert asyncio.run(run()) == ["192.0.2.1"]
    assert lookups == ["a.test"]
