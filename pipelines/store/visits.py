"""Visits of a batch: those that it may finish, and their ends: an outcome, or another try."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from catalog.models import Attempt, Batch, JudgedAnswer, Visit
from catalog.sql import bulk
from pipelines.frontier import hosts
from pipelines.handover import Fetched, Parsed
from pipelines.store.decisions import Decision

AGAIN = "again"  # the end of a try that did not end its visit
End = tuple[str, str]  # outcome and reason
Target = tuple[int, int | None]  # page id, snapshot id
_DONE = (
    "state", "outcome", "reason", "status", "content_type", "location", "detail", "fetched_at", "elapsed_ms",
    "attempts", "page_id", "snapshot_id", "text_signature", "batch_id", "id",
)  # fmt: skip


class VisitRow(NamedTuple):
    """What only the row of a visit says, and not its fetch."""

    id: int
    host_id: int
    fingerprint: int
    lastmod: datetime | None
    depth: int  # less than it was at the fetch, if a shorter way was found meanwhile


def visit_rows(batch: Batch, fetched: Sequence[Fetched]) -> dict[int, VisitRow]:
    """By visit id, the visits that this batch may finish."""
    ids = {visit.visit_id for visit in fetched}
    visits = Visit.objects.filter(batch=batch, state=Visit.State.FETCHED)
    return {row[0]: VisitRow(*row) for row in visits.values_list(*VisitRow._fields) if row[0] in ids}


class BatchVisits:
    """Collects the ends and further tries of a batch's visits, and writes each kind with one statement."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._done: list[tuple[Fetched, Decision]] = []
        self._again: list[tuple[Fetched, Decision]] = []
        self._held: set[int] = set()  # visit ids of paused runs
        self._targets: dict[int, Target] = {}
        self._signatures: dict[int, int] = {}
        self._judged: list[JudgedAnswer] = []

    def finish(self, fetched: Fetched, decision: Decision, target: Target | None = None) -> None:
        """A visit is done; ``target`` is the (page id, snapshot id) it found unchanged."""
        self._done.append((fetched, decision))
        if target is not None:
            self._targets[fetched.visit_id] = target

    def sign(self, fetched: Fetched, signature: int) -> None:
        """Keep the signature of the page's text."""
        self._signatures[fetched.visit_id] = signature

    def keep_judged(self, batch: Batch, fetched: Fetched, parsed: Parsed) -> None:
        """Keep the answer that has a verdict, beside the content: for people to look at."""
        if fetched.offset is None or fetched.length is None:
            return
        answer = JudgedAnswer(
            visit_id=fetched.visit_id, batch=batch, offset=fetched.offset, length=fetched.length,
            encoding=parsed.encoding, size=fetched.size, digest=fetched.digest,
        )  # fmt: skip
        self._judged.append(answer)

    @property
    def kept_bytes(self) -> int:
        """Bytes of the segment that the answers with a verdict need."""
        return sum(answer.length for answer in self._judged)

    def again(self, fetched: Fetched, decision: Decision, *, held: bool) -> None:
        """A visit goes back to the frontier: due later, or at another URL; held when its run is paused."""
        self._again.append((fetched, decision))
        if held:
            self._held.add(fetched.visit_id)

    @property
    def ends(self) -> Counter[End]:
        """How many visits ended with each outcome and reason, or are to be tried again."""
        done = Counter(
            (decision.outcome.label, decision.reason or "") for _, decision in self._done if decision.outcome
        )
        return done + Counter((AGAIN, decision.reason or "moved") for _, decision in self._again)

    def write(self, stored: Mapping[int, Target]) -> None:
        """Write all; ``stored`` gives (page id, snapshot id) by visit id."""
        self._write_done({**self._targets, **stored})
        if self._judged:
            JudgedAnswer.objects.bulk_create(self._judged)
        if self._again:
            self._write_again()

    def _write_done(self, targets: Mapping[int, Target]) -> None:
        rows = []
        for fetched, decision in sorted(self._done, key=lambda entry: entry[0].visit_id):
            page_id, snapshot_id = targets.get(fetched.visit_id, (None, None))
            assert decision.outcome is not None
            rows.append(
                (
                    int(Visit.State.DONE), int(decision.outcome), decision.reason, fetched.status,
                    fetched.content_type, fetched.location or "", decision.detail or fetched.detail,
                    _moment(fetched),
                    fetched.elapsed_ms, fetched.attempts, page_id, snapshot_id,
                    self._signatures.get(fetched.visit_id), None, fetched.visit_id,
                )
            )  # fmt: skip
        bulk.update(Visit, _DONE, rows)

    def _write_again(self) -> None:
        attempts = [
            self._attempt(fetched, decision) for fetched, decision in self._again if not decision.moved_to
        ]
        Attempt.objects.bulk_create(attempts, ignore_conflicts=True)
        tries = {attempt.visit_id: attempt for attempt in attempts}
        moves = {
            fetched.visit_id: decision.moved_to for fetched, decision in self._again if decision.moved_to
        }
        visits = list(
            Visit.objects.filter(pk__in=[*tries, *moves]).only(
                "pk", "host_id", "rank", "run_id", "url", "hops", "attempts"
            )
        )
        for visit in visits:
            visit.state = Visit.State.HELD if visit.pk in self._held else Visit.State.QUEUED
            visit.batch = None
            if visit.pk in moves:
                visit.url, visit.hops, visit.due_at = moves[visit.pk], visit.hops + 1, self._now
            else:
                visit.attempts, visit.due_at = tries[visit.pk].number, tries[visit.pk].next_due_at
        bulk.update_each(visits, ["state", "batch", "attempts", "due_at", "url", "hops"])
        self._offer(visits)

    def _offer(self, visits: list[Visit]) -> None:
        """Tell the hosts when their retries are due."""
        earliest: dict[tuple[int, int], datetime] = {}
        for visit in visits:
            key = (visit.host_id, visit.rank)
            earliest[key] = min(visit.due_at, earliest.get(key, visit.due_at))
        offers: dict[hosts.Offer, list[int]] = defaultdict(list)
        for (host_id, rank), due_at in earliest.items():
            offers[rank, due_at].append(host_id)
        hosts.offer(offers)

    def _attempt(self, fetched: Fetched, decision: Decision) -> Attempt:
        assert decision.retry_in is not None
        return Attempt(
            visit_id=fetched.visit_id,
            number=fetched.attempts,
            reason=decision.reason or "",
            status=fetched.status,
            detail=fetched.detail,
            fetched_at=_moment(fetched),
            elapsed_ms=fetched.elapsed_ms,
            next_due_at=self._now + timedelta(seconds=decision.retry_in),
        )


def _moment(fetched: Fetched) -> datetime:
    return datetime.fromtimestamp(fetched.fetched_at, UTC)
