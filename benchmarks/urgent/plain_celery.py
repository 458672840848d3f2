"""A crawler of plain Celery, for comparison: one queue, a message a URL, priorities 0 (first) to 9.

Configured as Celery's documentation says for priorities on Redis. ``PLAIN_AHEAD`` is how many messages a slot
takes before it needs them; with 1 they are also acknowledged late, so that none waits behind a busy slot.
"""

from __future__ import annotations

import os
import urllib.request

from celery import Celery
from lxml import etree

QUEUE = "celery"
SEPARATOR = ":"
AHEAD = int(os.environ.get("PLAIN_AHEAD", "4"))
TIMEOUT = 30.0  # seconds

app = Celery("plain", broker=os.environ.get("PLAIN_BROKER"))
app.conf.update(
    broker_transport_options={
        "priority_steps": list(range(10)),
        "sep": SEPARATOR,
        "queue_order_strategy": "priority",
    },
    broker_connection_retry_on_startup=True,
    task_default_queue=QUEUE,
    task_ignore_result=True,
    worker_prefetch_multiplier=AHEAD,
    task_acks_late=AHEAD == 1,
)


@app.task(name="fetch")  # type: ignore[untyped-decorator]
def fetch(url: str) -> int:
    """Fetch a page and read its links; returns how many there are."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310  our own URLs
        body = answer.read()
    return len(list(etree.fromstring(body, etree.HTMLParser()).iter("a")))
