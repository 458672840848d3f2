"""The tasks, each a few lines: ``pipelines`` does the work, the tasks say what comes next.

Messages carry ids, not bodies. The three tasks of the path run on their lane's queues, others on ``control``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings

from catalog.clock import db_now
from catalog.models import Run
from crawler.lanes import Lane, lane_of
from pipelines import export, rereading, runs
from pipelines.archive import ObjectMissing
from pipelines.changes import gone
from pipelines.fetch.plan import Plan
from pipelines.fetch.session import run_session
from pipelines.frontier import hosts
from pipelines.frontier.batches import give_back
from pipelines.parse import parse_batch
from pipelines.prune import prune_in_turn
from pipelines.quality.measure import measure_run, settle_accepted
from pipelines.quality.repairing import propose_for_site
from pipelines.receipts.receipts import receipt_of
from pipelines.store import NotParsed, store_batch
from pipelines.trying import pointing
from pipelines.trying.pages import try_for_site
from pipelines.trying.pointed import KeptBody, Steps
from scheduler import dispatch, opening, results, sweeps
from scheduler.app import app
from scheduler.chains import publish
from scheduler.clock import reconcile
from scheduler.process import heartbeats
from scheduler.process.sessions import session_of
from scheduler.process.shutdown import STOPPING
from scheduler.queues import LAST
from scheduler.wakeups import call_session, wake
from scheduler.watch import counters

EXPORT_SECONDS = 3600  # parts are short; to put a large file together and send it to S3 takes longer

logger = logging.getLogger(__name__)


@app.task(name="fetch", bind=True)
def fetch(self: Any, lane: int) -> None:
    """A fetch session of a lane, some seconds long; in a process one of each lane serves hosts."""
    with session_of(Lane(lane)) as leave:
        if leave is None:
            return
        plan = _plan(Lane(lane), self.request.hostname, leave)
        counters.count_expiries(run_session(plan).taken_over)
        plan.make_room()


def _plan(lane: Lane, owner: str, leave: Callable[[], None]) -> Plan:
    """Of a session of this worker; ``leave`` is what lets the next one of the lane begin in this process."""

    def make_room() -> None:
        leave()
        if hosts.claimable(plan.max_rank, db_now()):  # only now can a new one begin
            call_session(lane)

    plan = Plan(lane, owner, publish, STOPPING.is_set, settings.SESSION_SECONDS, wake, make_room)
    return plan


@app.task(name="parse", soft_time_limit=settings.PARSE_SECONDS, time_limit=settings.PARSE_SECONDS + 10)
def parse(batch_id: int) -> None:
    """Read what was fetched: text, links, fields."""
    try:
        parse_batch(batch_id, db_now())
    except ObjectMissing:
        wake(give_back(batch_id, db_now()))


@app.task(name="store")
def store(batch_id: int) -> None:
    """Write results, admit links, wake the sessions of hosts with new work."""
    try:
        stored = store_batch(batch_id, db_now())
        wake(stored.wake)
        counters.count_ends(stored.ends)
        dispatch.compare_runs(stored.closed_runs)
        opening.open_waiting(db_now(), stored.closed_runs)
    except ObjectMissing:
        wake(give_back(batch_id, db_now()))
    except NotParsed as error:
        logger.info("%s; its parse is on the way or will be sent again", error)


@app.task(name="open_slot")
def open_slot(seed_id: int, slot: str) -> None:
    """A seed's slot has come due (sent by the clock): answer it, and all others that are due."""
    opening.open_slots(db_now(), until=datetime.fromisoformat(slot))


@app.task(name="open_run", ignore_result=False)
def open_run(run_id: int) -> dict[str, Any]:
    """Open a run that somebody asked for; the result says whether it is open."""
    opening.open_run(Run.objects.get(pk=run_id), db_now())
    run = Run.objects.get(pk=run_id)
    return {"run": run_id, "state": run.state, "discovered": run.discovered, "warnings": run.warnings}


@app.task(name="settle_run")
def settle_run(run_id: int) -> None:
    """Bring the visits of a run in line after a pause, a resume or a stop."""
    now = db_now()
    hosts = runs.settle_run(run_id, now)
    if runs.finish_run(run_id, now):
        dispatch.compare_runs([run_id])
        opening.open_waiting(now, [run_id])
    wake({lane_of(Run.objects.get(pk=run_id).rank): hosts})


@app.task(name="compare_run")
def compare_run(run_id: int) -> None:
    """Count what a run that has finished read; mark what it did not find as gone, if it was complete."""
    measure_run(run_id, db_now())
    gone.compare_run(run_id, db_now())


@app.task(name="settle_falls")
def settle_falls(coverage_id: int) -> None:
    """Take away the values and records that were held, of what a person says is really gone."""
    settle_accepted(coverage_id, db_now())


@app.task(
    name="make_export", ignore_result=False, soft_time_limit=EXPORT_SECONDS, time_limit=EXPORT_SECONDS + 60
)
def make_export(export_id: int) -> None:
    """Make a part of a file that somebody asked for, and see to it that the next part is made."""
    try:
        export.make_export(export_id, db_now(), STOPPING.is_set)
    finally:
        for waiting in export.exports_to_make(db_now()):
            dispatch.make_export(waiting, priority=LAST)


@app.task(name="go_on_rereading")
def go_on_rereading(rereading_id: int) -> None:
    """Make a step of a rereading, and see to it that the next is made: another one, or its parts."""
    more = rereading.go_on(rereading_id, db_now(), STOPPING.is_set)
    if more:
        dispatch.go_on_rereading(rereading_id)
    for pk, workers in rereading.rereadings_to_read(db_now()):
        for _ in range(workers if pk == rereading_id else 0):
            dispatch.reread_part(pk)


@app.task(name="reread_part", soft_time_limit=settings.PARSE_SECONDS, time_limit=settings.PARSE_SECONDS + 10)
def reread_part(rereading_id: int) -> None:
    """Read a part of a rereading; then the next part, or what follows when all are read."""
    if rereading.read_part(rereading_id, db_now(), STOPPING.is_set):
        dispatch.reread_part(rereading_id)
    elif rereading_id in rereading.rereadings_to_do(db_now()):
        dispatch.go_on_rereading(rereading_id)


@app.task(name="try_page", ignore_result=False)
def try_page(
    url: str,
    seed_id: int | None,
    collections: list[dict[str, Any]],
    networks: list[str],
    version_id: int | None = None,
) -> dict[str, Any]:
    """Fetch a page, or take a stored version, and read all that can be shown of it."""
    trial, body = try_for_site(url, seed_id, collections, networks, version_id)
    given = {"seed": seed_id, "collections": collections, "networks": networks, "version": version_id}
    return {"trial": msgspec.to_builtins(trial), "body": msgspec.to_builtins(body), **given}


@app.task(name="point_at", ignore_result=False)
def point_at(tried: str, steps: dict[str, Any]) -> dict[str, Any]:
    """See what can be made of an element of a page that was tried; ``tried`` is the key of that try."""
    body = msgspec.convert(results.result_of(tried, "try_page")["body"], KeptBody)
    pointed = pointing.point_at(body, msgspec.convert(steps, Steps))
    return {"tried": tried, "pointed": msgspec.to_builtins(pointed)}


@app.task(name="propose_rules", ignore_result=False)
def propose_rules(seed_id: int, collection: str) -> dict[str, Any]:
    """Look for rules that read again what a collection lost; the result is what somebody waits for."""
    proposals: dict[str, Any] = msgspec.to_builtins(propose_for_site(seed_id, collection))
    return {"seed": seed_id, "proposals": proposals}


@app.task(name="look_up_receipt", ignore_result=False)
def look_up_receipt(record_id: int, earlier_id: int | None) -> dict[str, Any]:
    """Look up whence the values of a record come; the result is what somebody waits for."""
    receipt = receipt_of(record_id, earlier_id)
    return {"record": record_id, "earlier": earlier_id, "receipt": msgspec.to_builtins(receipt)}


@app.task(name="sweep")
def sweep() -> None:
    """Do what lost messages and dead processes left undone."""
    sweeps.sweep(db_now())


@app.task(name="reconcile")
def reconcile_entries() -> None:
    """Make the clock's entries match the rows."""
    reconcile.keep_in_step()


@app.task(name="heartbeat")
def heartbeat() -> None:
    """Beat's sign of life: it proves that the clock, the broker, a worker and the database work."""
    now = db_now()
    heartbeats.beat(heartbeats.BEAT, now)
    heartbeats.forget(now)


@app.task(name="prune")
def prune(token: str = "") -> None:
    """Delete some of what is no longer needed, and run again at once while there is more."""
    if token := prune_in_turn(db_now(), token):
        dispatch.prune(token)
