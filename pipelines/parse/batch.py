"""Parsing a batch: every body once, even if a page kills its parser.

The first attempt goes through the batch at full speed. A later attempt means that a parser died on it: then
each page is named in ``Batch.suspect`` before it is read, so that the next attempt knows the page that was
read last and adds it to ``Batch.quarantined``. A page on which two parsers died is left out and all others
are read: one death may have another cause (a kill, an outage of the database) and must not cost a page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO

import msgspec
from django.conf import settings
from django.db.models import F, QuerySet

from catalog.models import Batch, Run
from crawler.outcomes import Reason
from crawler.outlinks import VisitKind
from crawler.policy import ChangeMeans
from crawler.reading.content import Noise
from crawler.reading.sources.source import Unreadable
from crawler.requests.exchange import one_line
from pipelines.archive import (
    FETCHED,
    PARSED,
    SEGMENT,
    ArchiveError,
    delete_bodies,
    dump,
    load,
    object_size,
    read_bodies,
    read_body_at,
    read_headers_at,
    read_object,
    write_object,
)
from pipelines.frontier.batches import STRIKES
from pipelines.handover import Fetched, Parsed, Signed
from pipelines.parse.noise import BatchNoise, with_learning
from pipelines.parse.page import PageRules, page_rules, parse_page, read_again, sign_stored
from pipelines.parse.sitemap import parse_sitemap
from pipelines.parse.stored import StoredBodies

log = logging.getLogger(__name__)

DETAIL_LENGTH = 250  # characters


def parse_batch(batch_id: int, now: datetime) -> bool:
    """Parse a batch and move it to PARSED; True if it is ready for store, also if another parser did it.

    Idempotent: the object is written whole, the state moves once. Raises
    :class:`pipelines.archive.ArchiveError` when the archive cannot be read or written.
    """
    batch = _count_attempt(batch_id, now)
    if batch is None:
        return Batch.objects.filter(pk=batch_id, state=Batch.State.PARSED).exists()
    pages = [page for page in load(read_object(batch.folder, FETCHED), Fetched) if _to_parse(page)]
    parsed = _parse_all(batch, pages) if pages else []
    write_object(batch.folder, PARSED, dump(parsed))
    _in_flight(batch_id).update(state=Batch.State.PARSED, suspect=None)
    delete_bodies(batch.folder)
    return True


def _in_flight(batch_id: int) -> QuerySet[Batch]:
    return Batch.objects.filter(pk=batch_id, state=Batch.State.FETCHED)


def _count_attempt(batch_id: int, now: datetime) -> Batch | None:
    """Count the attempt before any work, and quarantine the page on which the last one died."""
    due_at = now + timedelta(seconds=settings.BATCH_DUE_SECONDS)
    if not _in_flight(batch_id).update(attempts=F("attempts") + 1, due_at=due_at):
        return None
    batch = Batch.objects.get(pk=batch_id)
    if batch.suspect is not None:
        log.error("a parser died on visit %s", batch.suspect)
        batch.quarantined = [*batch.quarantined, batch.suspect]
        batch.suspect = None
        batch.save(update_fields=["quarantined", "suspect"])
    return batch


def _to_parse(fetched: Fetched) -> bool:
    return _is_new(fetched) or fetched.read_again is not None


def _is_new(fetched: Fetched) -> bool:
    return fetched.offset is not None and not fetched.unchanged


@dataclass(frozen=True)
class _Bodies:
    """The bodies for a batch: new ones are in its own segment, others in segments of earlier batches."""

    segment: BinaryIO
    unpacked: bytes | None  # the bodies in the segment, if they are beside it: then it is not read
    stored: StoredBodies

    def new(self, page: Fetched) -> bytes:
        """The body of a page that has changed."""
        if self.unpacked is None:
            return read_body_at(self.segment, page.offset or 0, page.length or 0)
        start = page.body_at or 0
        return self.unpacked[start : start + page.size]

    def headers(self, page: Fetched) -> Sequence[tuple[str, str]]:
        """The response headers of a page that has changed."""
        return read_headers_at(self.segment, page.offset or 0, page.length or 0)


def _bodies(batch: Batch, pages: Sequence[Fetched], stored: StoredBodies, *, headers: bool) -> _Bodies:
    """All is read now: an error of the archive ends the attempt, and costs no page. ``headers``: if needed.

    Raises :class:`pipelines.archive.ObjectMissing` if the segment is gone, for its pages need it for ever.
    """
    new = [page for page in pages if _is_new(page)]
    if not new:
        return _Bodies(BytesIO(), None, stored)
    unpacked = read_bodies(batch.folder)
    if unpacked is not None and all(_is_within(page, unpacked) for page in new):
        object_size(batch.folder, SEGMENT)
        segment = BytesIO(read_object(batch.folder, SEGMENT) if headers else b"")
        return _Bodies(segment, unpacked, stored)
    return _Bodies(BytesIO(read_object(batch.folder, SEGMENT)), None, stored)


def _is_within(page: Fetched, unpacked: bytes) -> bool:
    return page.body_at is not None and page.body_at + page.size <= len(unpacked)


def _parse_all(batch: Batch, pages: Sequence[Fetched]) -> list[Parsed]:
    rules, noise = _rules({page.run_id for page in pages})
    headers = any(each.extractor.asks_for_headers for each in rules.values())
    stored = [page.read_again or _compared(page, rules.get(page.run_id), noise.of(page)) for page in pages]
    bodies = _bodies(batch, pages, StoredBodies([pk for pk in stored if pk is not None]), headers=headers)
    parsed = []
    for page in pages:
        if batch.quarantined.count(page.visit_id) >= STRIKES:
            parsed.append(Parsed(visit_id=page.visit_id, reason=Reason.PARSER_KILLED))
            continue
        if batch.attempts > 1:
            _in_flight(batch.pk).update(suspect=page.visit_id)
        parsed.append(_parse_one(bodies, page, rules.get(page.run_id), noise.of(page)))
    if batch.attempts > 1:  # no page is the cause of an error after this
        _in_flight(batch.pk).update(suspect=None)
    return parsed


def _compared(page: Fetched, rules: PageRules | None, noise: Noise) -> int | None:
    """The stored version that a new body may have to be compared with: its row does not say enough."""
    if not _is_new(page) or page.latest is None or page.latest.signed(noise.signature):
        return None
    return page.latest.id if rules and rules.change_means != ChangeMeans.BYTES else None


def _rules(run_ids: Iterable[int]) -> tuple[Mapping[int, PageRules], BatchNoise]:
    """The rules of the runs. A run whose rules cannot be used is left out: only its own pages fail."""
    rules, seeds = {}, {}
    for run in with_learning(Run.objects.filter(pk__in=run_ids).only("policy_json", "roots", "seed_id")):
        seeds[run.pk] = run.seed_id if vars(run)["learning"] else None
        try:
            rules[run.pk] = page_rules(run.policy, tuple(run.roots))
        except ValueError:
            log.exception("the rules of run %s cannot be used", run.pk)
    return rules, BatchNoise(rules, seeds)


def _parse_one(bodies: _Bodies, page: Fetched, rules: PageRules | None, noise: Noise) -> Parsed:
    """An error of a page is a result like any other: only this page fails."""
    if rules is None:
        return Parsed(visit_id=page.visit_id, reason=Reason.INTERNAL_ERROR)
    if rules.links.problem:
        return Parsed(visit_id=page.visit_id, reason=Reason.BAD_PATTERN)
    try:
        return _parse_new(bodies, page, rules, noise) if _is_new(page) else _parse_stored(bodies, page, rules)
    except Unreadable as error:
        detail = one_line(str(error))[:DETAIL_LENGTH]
        return Parsed(visit_id=page.visit_id, reason=Reason.UNREADABLE, detail=detail)
    except MemoryError:  # the process's limit (scheduler.worker); what the page took is free again
        log.error("visit %s (%s) takes too much memory to be parsed", page.visit_id, page.url)
        return Parsed(visit_id=page.visit_id, reason=Reason.PARSER_KILLED)
    except Exception:  # a page may be written so that a parser fails in any way
        log.exception("visit %s (%s) cannot be parsed", page.visit_id, page.url)
        return Parsed(visit_id=page.visit_id, reason=Reason.INTERNAL_ERROR)


def _parse_new(bodies: _Bodies, page: Fetched, rules: PageRules, noise: Noise) -> Parsed:
    body = bodies.new(page)
    if page.kind == VisitKind.SITEMAP:
        return parse_sitemap(body, page, rules)
    headers = bodies.headers(page) if rules.extractor.asks_for_headers else ()
    parsed = parse_page(body, page, rules, headers, noise)
    if parsed.signed is None or _compared(page, rules, noise) is None or _has_changed(page, parsed, rules):
        return parsed
    return msgspec.structs.replace(parsed, latest=_signed_latest(bodies, page, rules, noise))


def _has_changed(page: Fetched, parsed: Parsed, rules: PageRules) -> bool:
    """Whether the content says so, whatever the values are."""
    if page.latest is None or parsed.signed is None or rules.change_means != ChangeMeans.CONTENT:
        return False
    known = page.latest.content if page.latest.noise == parsed.noise else None
    return known is not None and known != parsed.signed.content


def _signed_latest(bodies: _Bodies, page: Fetched, rules: PageRules, noise: Noise) -> Signed | None:
    """The signatures of the page's latest version as they would be now; None if it cannot be read."""
    snapshot_id = page.latest.id if page.latest else 0
    try:
        stored = bodies.stored.read(snapshot_id, headers=rules.extractor.asks_for_headers)
        return sign_stored(stored, page.url, rules, noise)
    except (ArchiveError, Unreadable) as error:
        log.warning("what is stored of %s cannot be compared: %s", page.url, error)
        return None


def _parse_stored(bodies: _Bodies, page: Fetched, rules: PageRules) -> Parsed:
    """The records of the stored version of an unchanged page, by the rules of this run."""
    stored = bodies.stored.read(page.read_again or 0, headers=rules.extractor.asks_for_headers)
    return read_again(stored, page, rules)
