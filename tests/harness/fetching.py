"""The fetcher by itself: no session, no database."""

from __future__ import annotations

import asyncio

from crawler.requests.exchange import FetchRequest, FetchResult
from crawler.requests.fetch import Fetcher

LOCAL = ("127.0.0.0/8",)


def fetch_all(*urls: str, allow: tuple[str, ...] = LOCAL, connections: int = 4) -> list[FetchResult]:
    """The results of URLs that one fetcher asks for, one after the other."""

    async def run() -> list[FetchResult]:
        fetcher = Fetcher(deadline=5, max_bytes=1 << 20, max_retry_after=60, connections=connections)
        try:
            return [
                await fetcher.fetch(FetchRequest(url=url, user_agent="T", allow_networks=allow))
                for url in urls
            ]
        finally:
            await fetcher.aclose()

    return asyncio.run(run())
