"""One POST to a receiver: through the address guard, within its time, no redirect followed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

import httpx
from django.conf import settings

from crawler.requests.dial import AddressRefused
from crawler.requests.exchange import one_line
from crawler.requests.transport import GuardedTransport
from crawler.rules.politeness import parse_retry_after
from pipelines.telling.kinds.kind import ANSWER_CHARACTERS, Answer, blocked_words, error_words

logging.getLogger("httpx").setLevel(logging.WARNING)  # below, it logs addresses

SECONDS = 20.0  # for all of it, from the name lookup to the answer
WORTH_ANOTHER_TRY = frozenset((408, 425, 429))  # of the 4xx
MAX_RETRY_AFTER = 86400.0
_BYTES = 4 * ANSWER_CHARACTERS  # of an answer, read at most


def post(
    url: str, content: bytes, headers: Mapping[str, str], networks: Sequence[str], answers_at: str = ""
) -> Answer:
    """Send bytes; any 2xx answer delivers them. No sentence of it holds the address, which may be secret.

    ``answers_at``: a host from which the answer is fetched if the receiver, which has taken the bytes,
    redirects there.
    """
    try:
        return asyncio.run(_post(url, content, headers, networks, answers_at))
    except TimeoutError:
        return Answer(False, f"No complete answer within {SECONDS:.0f} s.")
    except AddressRefused as error:
        return Answer(False, blocked_words(error), refused=True)
    except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
        return Answer(False, f"No answer: {error_words(error)}.")


async def _post(
    url: str, content: bytes, headers: Mapping[str, str], networks: Sequence[str], answers_at: str
) -> Answer:
    ours = {"user-agent": settings.USER_AGENT, "accept-encoding": "identity", "connection": "close"}
    async with (
        asyncio.timeout(SECONDS),
        httpx.AsyncClient(transport=GuardedTransport(networks), trust_env=False, timeout=SECONDS) as client,
    ):
        async with client.stream("POST", url, content=content, headers={**ours, **headers}) as response:
            elsewhere = response.next_request
            if elsewhere is None or not answers_at or elsewhere.url.host != answers_at:
                return _answer(response, await _beginning(response))
        async with client.stream("GET", elsewhere.url, headers=ours) as response:
            return _answer(response, await _beginning(response))


async def _beginning(response: httpx.Response) -> str:
    """The first characters of the answer; that they are cut off says nothing of the delivery."""
    body = b""
    try:
        async for piece in response.aiter_raw():
            body += piece
            if len(body) >= _BYTES:
                break
    except httpx.TransportError:
        pass  # the status has come
    return one_line(body[:_BYTES].decode("utf-8", "replace"))[:ANSWER_CHARACTERS]


def _answer(response: httpx.Response, text: str) -> Answer:
    status = response.status_code
    if response.is_success:
        return Answer(True, text, status)
    if response.is_redirect:
        text = "It redirects to another address, which is not followed. Give the final address."
    after = parse_retry_after(response.headers.get("retry-after", ""), time.time(), ceiling=MAX_RETRY_AFTER)
    refused = status < 500 and status not in WORTH_ANOTHER_TRY
    return Answer(False, text, status, refused=refused, retry_after=after)
