"""Asking workers for something from a web request or a command: a hint after the commit, never a wait.

Each may be called while Redis is away. Runs, orders and exports are rows: the sweep finds them again.
The result of a task is kept (django-celery-results) when a person waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.db import transaction

from catalog.models import Export, Run
from crawler.lanes import Lane
from scheduler.app import app
from scheduler.queues import CONTROL, LAST, TELLING, Stage, queue_name
from scheduler.redis_server import attempt


def open_run(run: Run) -> None:
    """Have a due run opened. Result kept."""
    _send("open_run", run.pk)


def settle_run(run: Run) -> None:
    """Have the visits of a paused, resumed or stopped run brought in line: there may be a million."""
    _send("settle_run", run.pk)


def compare_runs(run_ids: Iterable[int]) -> None:
    """Have it looked at what runs that have finished did not find, after other work."""
    for run_id in run_ids:
        _send("compare_run", run_id, priority=LAST)


def learn_noise(run_id: int) -> None:
    """Have it learned from a run which parts of pages change by themselves, after other work."""
    _send("learn_noise", run_id, priority=LAST)


def compare_contents() -> None:
    """Have pages that were looked at again compared with what they were before, after other work."""
    _send("compare_contents", priority=LAST)


def settle_falls(coverage_id: int) -> None:
    """Have it taken away what a person says is really gone, after other work."""
    _send("settle_falls", coverage_id, priority=LAST)


def make_export(export: Export, priority: int = 0) -> None:
    """Have an export made, or its next part. Result kept."""
    _send("make_export", export.pk, priority=priority)


def try_page(
    url: str,
    seed_id: int | None,
    collections: list[dict[str, Any]],
    networks: list[str],
    version_id: int | None = None,
) -> str | None:
    """Have a page or a stored version tried, before all other work: in the urgent lane, by one that fetches.

    Returns the id of the task, whose result is kept; None when the broker does not answer.
    """
    return _ask("try_page", url, seed_id, collections, networks, version_id)


def go_on_forecasting(forecast_id: int) -> None:
    """Have a forecast gone on with: in the urgent lane, after fetches that people wait for."""
    _send("go_on_forecasting", forecast_id, queue=queue_name(Stage.FETCH, Lane.URGENT), priority=LAST)


def propose_rules(seed_id: int, collection: str) -> str | None:
    """Have rules looked for that read again what a collection lost; as :func:`try_page`."""
    return _ask("propose_rules", seed_id, collection)


def look_up_receipt(record_id: int, earlier_id: int | None) -> str | None:
    """Have it looked up whence values of a record come, the present ones or earlier; as :func:`try_page`."""
    return _ask("look_up_receipt", record_id, earlier_id)


def compare_without_noise(before: int, after: int) -> str | None:
    """Have two versions compared without their noise; in all else as :func:`try_page`."""
    return _ask("compare_without_noise", before, after)


def point_at(tried: str, steps: dict[str, Any]) -> str | None:
    """Have it seen what an element of a tried page could become; in all else as :func:`try_page`."""
    return _ask("point_at", tried, steps)


def _ask(task: str, *args: object) -> str | None:
    task_id, queue = str(uuid4()), queue_name(Stage.FETCH, Lane.URGENT)
    sent = attempt(
        lambda: app.send_task(task, args=args, task_id=task_id, queue=queue, priority=0, retry=False)
    )
    return task_id if sent else None


def go_on_rereading(rereading_id: int) -> None:
    """Have the next step of a rereading made, after other work."""
    _send("go_on_rereading", rereading_id, priority=LAST)


def reread_part(rereading_id: int) -> None:
    """Have a part of a rereading read by a process that parses, after everything else of the bulk lane."""
    _send("reread_part", rereading_id, queue=queue_name(Stage.PARSE, Lane.BULK), priority=LAST)


def settle_events(written: int) -> None:
    """Have alerts look at what happened, if any events were written."""
    if written:
        _send("settle_events")


def deliver(channel_id: int) -> None:
    """Have what is due on a channel sent by a process that fetches, after other work."""
    _send("deliver", channel_id, queue=TELLING, priority=LAST)


def make_shipment(outlet_id: int) -> None:
    """Have the file of an outlet's next shipment made, after other work."""
    _send("make_shipment", outlet_id, priority=LAST)


def send_shipments(outlet_id: int) -> None:
    """Have what is made for an outlet sent by a process that fetches, after other work."""
    _send("send_shipments", outlet_id, queue=TELLING, priority=LAST)


def probe_place(outlet_id: int) -> str | None:
    """Have it seen whether data can be written at an outlet's place; in all else as :func:`try_page`."""
    return _ask("probe_place", outlet_id)


def prune(*token: str) -> None:
    """Have what was deleted pruned, after everything else; a token goes on with the prune that has it."""
    _send("prune", *token, priority=LAST)


def index_pages(*token: str) -> None:
    """Have the index of words go on, after everything else; a token goes on with the slice that has it."""
    _send("index_pages", *token, priority=LAST)


def _send(task: str, *args: int | str, queue: str = CONTROL, priority: int = 0) -> None:
    def send() -> None:
        app.send_task(task, args=args, queue=queue, priority=priority, retry=False)

    transaction.on_commit(lambda: attempt(send), robust=True)
