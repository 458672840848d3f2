"""Storing a batch: one transaction for pages, snapshots, records, visits, admitted links and counters."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from django.db import DataError, IntegrityError, transaction

from catalog.models import Batch, Run
from crawler.lanes import Lane
from crawler.outcomes import Outcome, Reason
from pipelines import archive
from pipelines.events.refusals import Refusals
from pipelines.handover import Fetched, Parsed
from pipelines.store import attempts
from pipelines.store.attempts import NotParsed
from pipelines.store.changes import Changes
from pipelines.store.decisions import NOT_THERE, Decision, decide
from pipelines.store.page_row import outlinks_of
from pipelines.store.pages import BatchPages, PageKey
from pipelines.store.repeated_texts import RepeatedTexts
from pipelines.store.runs import BatchRun, hosts_by_lane, lock_runs, settle
from pipelines.store.sitemap_parts import admit_ahead
from pipelines.store.visits import BatchVisits, End, VisitRow, visit_rows

MOST_DETAIL = 300  # characters, as its column holds
NOT_READ_AGAIN = (
    "Some pages have not changed, but what is stored of them could not be read again by the new rules: they "
    "keep the fields that the old rules have found."
)

log = logging.getLogger(__name__)


@dataclass
class Stored:
    """What storing a batch did: visits finished and how, hosts with new work, closed runs, events."""

    visits: int = 0
    ends: Counter[End] = field(default_factory=Counter)
    wake: dict[Lane, set[int]] = field(default_factory=dict)
    closed_runs: list[int] = field(default_factory=list)
    events: int = 0  # that alerts have to look at


@dataclass
class _Parts:
    """A batch's hand-over objects, read back."""

    fetched: list[Fetched]
    parsed: dict[int, Parsed]


def store_batch(batch_id: int, now: datetime) -> Stored:
    """Store a parsed batch; does nothing for one that is stored or gone.

    Idempotent: only visits that are FETCHED in this very batch are finished, and all changes are one
    transaction. If a page's data is refused by the database, or an earlier store ended half-way, the batch is
    stored page by page and only that page fails. Raises :class:`NotParsed` for a batch that parse has not
    finished.
    """
    batch = Batch.objects.filter(pk=batch_id).exclude(state=Batch.State.STORED).first()
    if batch is None:
        return Stored()
    if batch.state != Batch.State.PARSED:
        raise NotParsed(f"batch {batch_id} is {batch.state}")
    with attempts.counted(batch, now):
        stored = _store_parts(batch, _parts(batch, now), now)
    if Batch.objects.filter(pk=batch_id).exists():
        archive.delete_object(batch.folder, archive.FETCHED)
        archive.delete_object(batch.folder, archive.PARSED)
        archive.delete_bodies(batch.folder)  # parse was killed before it could
    else:
        archive.delete_folder(batch.folder)
    return stored


def _parts(batch: Batch, now: datetime) -> _Parts:
    if attempts.is_hopeless(batch):
        log.error("batch %s cannot be stored, whatever is tried: all its visits are set aside", batch.pk)
        return _Parts(attempts.all_set_aside(batch, now), {})
    fetched = archive.load(archive.read_object(batch.folder, archive.FETCHED), Fetched)
    return _Parts(fetched, attempts.read_parsed(batch, now))


def _store_parts(batch: Batch, parts: _Parts, now: datetime) -> Stored:
    if attempts.is_first(batch) or not parts.fetched:
        try:
            return _store_ahead(batch, parts, now, last=True)
        except (DataError, IntegrityError):
            log.exception("batch %s is refused as a whole; storing its pages one by one", batch.pk)
    total = Stored()
    for position, fetched in enumerate(parts.fetched):
        each = attempts.suspected(batch, fetched)
        parsed = parts.parsed if each is fetched else {}
        done = _store_one(batch, _Parts([each], parsed), now, position == len(parts.fetched) - 1)
        total.visits += done.visits
        total.ends += done.ends
        total.wake = hosts_by_lane([*total.wake.items(), *done.wake.items()])
        total.closed_runs += done.closed_runs
    return total


def _store_one(batch: Batch, parts: _Parts, now: datetime, last: bool) -> Stored:
    try:
        with suppress(IntegrityError):  # another store has inserted the same row: now it is known
            return _store_ahead(batch, parts, now, last=last)
        return _store_ahead(batch, parts, now, last=last)
    except (DataError, IntegrityError):
        (fetched,) = parts.fetched
        log.exception("visit %s cannot be stored: %s", fetched.visit_id, fetched.url)
        broken = Parsed(visit_id=fetched.visit_id, reason=Reason.INTERNAL_ERROR)
        return _store(batch, _Parts([fetched], {fetched.visit_id: broken}), now, last=last)


def _store_ahead(batch: Batch, parts: _Parts, now: datetime, *, last: bool) -> Stored:
    """Store visits, after most of the URLs of long sitemaps among them."""
    ahead = admit_ahead(batch, parts.fetched, parts.parsed, now)
    stored = _store(batch, parts, now, last=last)
    stored.wake = hosts_by_lane([*ahead, *stored.wake.items()])
    return stored


@transaction.atomic
def _store(batch: Batch, parts: _Parts, now: datetime, *, last: bool) -> Stored:
    """One transaction. All code takes locks in one order: batch, runs, pages, records, hosts."""
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.state != Batch.State.PARSED:
        return Stored()
    batch_runs = lock_runs(fetched.run_id for fetched in parts.fetched)
    visits = visit_rows(batch, parts.fetched)
    by_visit = {fetched.visit_id: fetched for fetched in parts.fetched}  # each visit once
    to_finish = [each for pk, each in by_visit.items() if pk in visits and each.run_id in batch_runs]
    work = _BatchWork(locked, batch_runs, visits, _Parts(to_finish, parts.parsed), now)
    for fetched in to_finish:
        work.take(fetched, parts.parsed.get(fetched.visit_id))
    stored = work.write()
    _close_batch(locked, work.kept_bytes, last)
    return stored


def _close_batch(batch: Batch, kept_bytes: int, last: bool) -> None:
    """The row stays while its segment is needed; a batch that kept nothing is deleted."""
    batch.live_bytes += kept_bytes
    if last and not batch.live_bytes:
        batch.delete()
        return
    if last:
        batch.state, batch.suspect = Batch.State.STORED, None
    batch.save(update_fields=["live_bytes", "state", "suspect"])


class _BatchWork:
    """The work of one transaction: each visit is taken in turn, then everything is written at once."""

    def __init__(
        self,
        batch: Batch,
        batch_runs: dict[int, BatchRun],
        visits: dict[int, VisitRow],
        parts: _Parts,
        now: datetime,
    ) -> None:
        self._batch, self._now = batch, now
        self._runs = batch_runs
        self._visits = visits
        self._batch_visits = BatchVisits(now)
        self._texts = RepeatedTexts()
        self._refusals = Refusals()
        seeds = {run_id: batch_run.run.seed_id for run_id, batch_run in batch_runs.items()}
        numbered = [(each.visit_id, seeds[each.run_id]) for each in parts.fetched]
        self._keys = {pk: (seed_id, visits[pk].fingerprint) for pk, seed_id in numbered}
        self.pages = BatchPages(batch, self._keys.values())
        read = parts.parsed.get
        same = [each for each in parts.fetched if each.unchanged or self._why_same(each, read(each.visit_id))]
        self._old_links = outlinks_of([self.pages.latest_of(self._key(each)) for each in same])

    def _key(self, fetched: Fetched) -> PageKey:
        return self._keys[fetched.visit_id]

    def take(self, fetched: Fetched, parsed: Parsed | None) -> None:
        """Decide on one visit and prepare what follows from that."""
        batch_run = self._runs[fetched.run_id]
        depth = self._visits[fetched.visit_id].depth
        if depth < fetched.depth:
            fetched = msgspec.structs.replace(fetched, depth=depth)
        batch_run.follow_sitemaps(fetched)
        if parsed is not None and parsed.moved_to:
            fetched = msgspec.structs.replace(fetched, location=parsed.moved_to)
        if parsed is not None and parsed.verdict:
            fetched = msgspec.structs.replace(fetched, detail=" ".join(parsed.evidence)[:MOST_DETAIL])
        decision = decide(fetched, parsed, may_retry=batch_run.admitting, keys=batch_run.keys)
        if decision.outcome is None:
            self._batch_visits.again(fetched, decision, held=batch_run.run.state == Run.State.PAUSED)
            return
        if parsed is not None:
            batch_run.read(fetched, parsed)  # noindex is not nofollow
            self._sign(fetched, parsed.signature)
        if decision.outcome == Outcome.STORED and parsed is not None:
            decision = self._take_page(fetched, parsed, batch_run)
        elif decision.outcome == Outcome.UNCHANGED:
            decision = self._take_unchanged(fetched, parsed, batch_run)
        else:
            if decision.outcome == Outcome.REDIRECTED and fetched.location is not None:
                batch_run.follow_redirect(fetched, fetched.location)
            elif decision.reason in NOT_THERE:
                self.pages.miss(self._key(fetched), fetched)
            elif parsed is not None and parsed.verdict:
                self._batch_visits.keep_judged(self._batch, fetched, parsed)
                known = self.pages.get(self._key(fetched)) is not None
                self._refusals.note(batch_run.run, fetched, decision.reason, known=known)
            self._batch_visits.finish(fetched, decision)
        assert decision.outcome is not None
        batch_run.count(decision.outcome)

    def _sign(self, fetched: Fetched, signature: int | None) -> None:
        """Keep the signature of the page's text, if the run compares texts."""
        batch_run = self._runs[fetched.run_id]
        if signature is not None and batch_run.policy.max_same_text is not None:
            self._batch_visits.sign(fetched, signature)
            self._texts.note(batch_run, fetched.url, signature)

    def _take_page(self, fetched: Fetched, parsed: Parsed, batch_run: BatchRun) -> Decision:
        """A body: a new version, unless the page's latest version has the same bytes or the same content."""
        key, visit = self._key(fetched), self._visits[fetched.visit_id]
        if self.pages.is_current(key, fetched):
            return self._take_same(fetched, parsed, batch_run, None)
        if reason := self._why_same(fetched, parsed):
            return self._take_same(fetched, parsed, batch_run, reason)
        decision = Decision(Outcome.STORED)
        self.pages.store(key, visit, fetched, parsed, batch_run)
        self._batch_visits.finish(fetched, decision)
        return decision

    def _why_same(self, fetched: Fetched, parsed: Parsed | None) -> Reason | None:
        """Why other bytes are no new version; None if they are one, or nothing was read."""
        key = self._key(fetched)
        if parsed is None or parsed.signed is None or not self.pages.latest_of(key):
            return None
        return self.pages.why_same(key, fetched, parsed, self._runs[fetched.run_id])

    def _take_same(self, fetched: Fetched, parsed: Parsed, run: BatchRun, why: Reason | None) -> Decision:
        """A body that is no new version; asked for again while it has links that the stored one lacks."""
        key, visit = self._key(fetched), self._visits[fetched.visit_id]
        known = {link.fingerprint for link in self._old_links.get(self.pages.latest_of(key), ())}
        renew = why is None or known.issuperset(parsed.outlinks.fingerprints)
        page = self.pages.touch(key, visit, fetched, run, renew=renew)
        if renew:
            page.digest = fetched.digest
        if page.latest_id is not None and page.rule_set_id != run.run.rule_set_id:
            self.pages.read_again(key, page.latest_id, parsed, run)
        decision = Decision(Outcome.UNCHANGED, why)
        self._batch_visits.finish(fetched, decision, (page.id, page.latest_id))
        return decision

    def _take_unchanged(self, fetched: Fetched, parsed: Parsed | None, batch_run: BatchRun) -> Decision:
        """A revisit. If the page was pruned meanwhile, the visit fails."""
        key = self._key(fetched)
        if self.pages.get(key) is None:
            decision = Decision(Outcome.FAILED, Reason.INTERNAL_ERROR)
            self._batch_visits.finish(fetched, decision)
            return decision
        page = self.pages.touch(key, self._visits[fetched.visit_id], fetched, batch_run)
        batch_run.follow_again(fetched, self._old_links.get(page.latest_id or 0, ()))
        self._sign(fetched, page.text_signature)
        if fetched.read_again is not None:
            self._take_reading(fetched, fetched.read_again, parsed, batch_run)
        decision = Decision(Outcome.UNCHANGED)
        self._batch_visits.finish(fetched, decision, (page.id, page.latest_id))
        return decision

    def _take_reading(
        self, fetched: Fetched, snapshot_id: int, parsed: Parsed | None, batch_run: BatchRun
    ) -> None:
        """The fields of an unchanged page by the rules of its run; a warning if they could not be read."""
        if parsed is None or parsed.reason is not None:
            batch_run.warn(NOT_READ_AGAIN)
        else:
            self.pages.read_again(self._key(fetched), snapshot_id, parsed, batch_run)

    @property
    def kept_bytes(self) -> int:
        """Bytes of the segment that are needed after this batch."""
        return self.pages.kept_bytes + self._batch_visits.kept_bytes

    def write(self) -> Stored:
        self._texts.write()
        changes = Changes(self._now)
        self._batch_visits.write(self.pages.write(changes))
        events = changes.write_events() + self._refusals.write(self._now)
        wake = settle(self._runs.values(), self._now)
        runs = [batch_run.run for batch_run in self._runs.values()]
        closed = [run.pk for run in runs if run.state == Run.State.FINISHED]
        return Stored(len(self._visits), self._batch_visits.ends, wake, closed, events)
