"""From host names to the addresses that may be reached."""

from __future__ import annotations

import asyncio
import functools
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from crawler.requests.guard import AddressGuard, BlockedAddress

DNS_THREADS = 16


@functools.lru_cache(maxsize=1)
def _dns_threads() -> ThreadPoolExecutor:
    """Threads for the system's resolver alone, so that other work of the process never waits for it."""
    return ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns")


class GuardedResolver(AbstractResolver):
    """getaddrinfo in threads; answers only addresses that the guard lets through."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raise OSError when the name has no address, BlockedAddress when all of them are refused."""
        loop = asyncio.get_running_loop()
        lookup = functools.partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        try:
            infos = await loop.run_in_executor(_dns_threads(), lookup)
        except UnicodeError as error:  # an empty or a too long label
            raise OSError(f"{host[:80]!r} cannot be looked up") from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        return [_resolved(host, ip, port) for ip in self._permitted(addresses)]

    def _permitted(self, addresses: list[str]) -> list[str]:
        permitted, refusal = [], None
        for ip in addresses:
            try:
                self._guard.check(ip)
            except BlockedAddress as error:
                refusal = error
            else:
                permitted.append(ip)
        if refusal is not None and not permitted:
            raise refusal
        return permitted

    async def close(self) -> None:
        """Nothing to close: the threads belong to the process."""


def _resolved(host: str, ip: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    return {"hostname": host, "host": ip, "port": port, "family": family, "proto": 0, "flags": 0}
