"""The tasks, each a few lines: ``pipelines`` does the work, the tasks say what comes next.

Messages carry ids, not bodies. The three tasks of the path run on their lane's queues, others on ``control``.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings

from catalog.clock import db_now
from catalog.models import Coverage, Run
from crawler.lanes import Lane, lane_of
from pipelines import export, promises, rereading, runs
from pipelines.archive import ObjectMissing
from pipelines.changes import gone
from pipelines.comparing.versions import difference_without_noise
from pipelines.events.ended_runs import judge_run
from pipelines.fetch.session import run_session
from pipelines.forecasts import work as forecasts
from pipelines.frontier.batches import give_back
from pipelines.noise import learning
from pipelines.parse import parse_batch
from pipelines.prune import prune_in_turn
from pipelines.quality.measure import measure_run, settle_accepted
from pipelines.quality.repairing import propose_for_site
from pipelines.receipts.receipts import receipt_of
from pipelines.search.indexing import index_in_turn
from pipelines.store import NotParsed, store_batch
from pipelines.telling import second_contents
from pipelines.trying import pointing
from pipelines.trying.pages import try_for_site
from pipelines.trying.pointed import KeptBody, Steps
from scheduler import dispatch, opening, results, sweeps
from scheduler.app import app
from scheduler.clock import reconcile
from scheduler.process import heartbeats, shipping, telling
from scheduler.process.sessions import plan_of, session_of
from scheduler.process.shutdown import STOPPING
from scheduler.queues import LAST, path_is_busy
from scheduler.wakeups import wake
from scheduler.watch import counters

EXPORT_SECONDS = 3600  # parts are short; to put a large file together and send it to S3 takes longer

logger = logging.getLogger(__name__)


@app.task(name="fetch", bind=True)
def fetch(self: Any, lane: int) -> None:
    """A fetch session of a lane, some seconds long; in a process one of each lane serves hosts."""
    with session_of(Lane(lane)) as leave:
        if leave is None:
            return
        plan = plan_of(Lane(lane), self.request.hostname, leave)
        counters.count_expiries(run_session(plan).taken_over)
        plan.make_room()


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
        dispatch.settle_events(stored.events)
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
    """Count what a run that has finished read, judge it, and mark what it did not find as gone."""
    measure_run(run_id, db_now())
    judge_run(run_id, db_now())
    gone.compare_run(run_id, db_now())
    if run := Run.objects.filter(pk=run_id).first():
        promises.check_seed(run.seed_id, db_now())
    shipping.order_after_run(run_id, db_now())
    telling.ask_settling()
    if learning.may_learn(run_id):
        dispatch.learn_noise(run_id)


@app.task(name="learn_noise")
def learn_noise(run_id: int) -> None:
    """Learn from the new versions of a run which parts of its pages change by themselves."""
    learning.learn_noise(run_id, db_now())


@app.task(name="compare_contents")
def compare_contents() -> None:
    """Say of second looks whether the content of their pages is as before; the sweep settles them."""
    second_contents.compare_contents(db_now())


@app.task(name="settle_falls")
def settle_falls(coverage_id: int) -> None:
    """Take away the values and records that were held, of what a person says is really gone."""
    settle_accepted(coverage_id, db_now())
    if row := Coverage.objects.filter(pk=coverage_id).select_related("run").first():
        promises.check_seed(row.run.seed_id, db_now())
    telling.ask_settling()


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


@app.task(name="settle_events")
def settle_events() -> None:
    """Match what happened with the alerts, and have their channels told."""
    telling.settle_events(STOPPING.is_set)


@app.task(name="deliver")
def deliver(channel_id: int) -> None:
    """Send what is due on a channel."""
    telling.deliver(channel_id)


@app.task(name="make_shipment", soft_time_limit=EXPORT_SECONDS, time_limit=EXPORT_SECONDS + 60)
def make_shipment(outlet_id: int) -> None:
    """Make the file of the next shipment of an outlet."""
    shipping.make(outlet_id)


@app.task(name="send_shipments")
def send_shipments(outlet_id: int) -> None:
    """Send what is made for an outlet."""
    shipping.send(outlet_id, STOPPING.is_set)


@app.task(name="probe_place", ignore_result=False)
def probe_place(outlet_id: int) -> dict[str, Any]:
    """See whether data can be written at an outlet's place; the result is what somebody waits for."""
    answer = shipping.probe(outlet_id)
    return {"outlet": outlet_id, "works": answer.delivered, "answer": answer.text}


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


@app.task(name="go_on_forecasting", bind=True)
def go_on_forecasting(self: Any, forecast_id: int) -> None:
    """Go on with a forecast for some seconds, and see to it that the next slice is made."""
    wake(forecasts.go_on(forecast_id, db_now(), self.request.hostname or "", STOPPING.is_set))
    if forecast_id in forecasts.forecasts_to_do(db_now()):
        dispatch.go_on_forecasting(forecast_id)


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


@app.task(name="compare_without_noise", ignore_result=False)
def compare_without_noise(before: int, after: int) -> dict[str, Any]:
    """Compare two versions without their noise; the result is what somebody waits for."""
    answer = difference_without_noise(before, after)
    return {"versions": [before, after], "answer": msgspec.to_builtins(answer)}


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


@app.task(name="index_pages")
def index_pages(token: str = "") -> None:
    """Bring some changed pages into the index of words, and again while there is nothing else to do."""
    if token := index_in_turn(db_now(), path_is_busy, token):
        dispatch.index_pages(token)
