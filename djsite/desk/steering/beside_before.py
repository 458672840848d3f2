"""A run beside the run before it, in words: only what the two runs say, and only where they differ."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from catalog.models import Event, Run
from djsite.desk.events.listing import stands
from djsite.desk.read.tally import MANY
from djsite.desk.words import CUT_SHORT, rough_span

FIELDS = 3  # of which it is said how often they changed
SHARE = 0.1  # of the longer time, below which it is not said which was faster


def beside_before(run: Run) -> tuple[Run, str] | None:
    """The run before, and a sentence; None if one of the two was cut short: they cannot be compared."""
    before = _run_before(run)
    if before is None or not (_is_whole(run) and _is_whole(before)):
        return None
    parts = [*_pages(run, before), *_changes(run), *_failures(run, before), *_time(run, before)]
    if not parts:
        return before, "As many pages and failures as in the run before."
    first, *others = parts
    return before, ", ".join([f"{first[:1].upper()}{first[1:]}", *others]) + "."


def _run_before(run: Run) -> Run | None:
    if run.kind == Run.Kind.RECRAWL:
        return None
    earlier = Run.objects.filter(seed=run.seed_id, state=Run.State.FINISHED, pk__lt=run.pk)
    return earlier.exclude(kind=Run.Kind.RECRAWL).order_by("-pk").first()


def _is_whole(run: Run) -> bool:
    return run.state == Run.State.FINISHED and run.reason.partition(";")[0] not in CUT_SHORT


def _pages(run: Run, before: Run) -> Iterator[str]:
    more = (run.stored + run.unchanged) - (before.stored + before.unchanged)
    if more:
        noun = "page" if abs(more) == 1 else "pages"
        difference = f"{more:,} more {noun}" if more > 0 else f"{-more:,} {noun} fewer"
        yield f"{difference} than the run before"


def _changes(run: Run) -> Iterator[str]:
    """How often values of the commonest fields changed."""
    changed = Event.objects.filter(stands(), run_id=run.pk, kind=Event.Kind.FIELD_CHANGED).order_by()
    if changed[: MANY + 1].count() > MANY:
        yield f"more than {MANY:,} values changed"
        return
    rows = changed.values_list("field").annotate(count=Count("pk")).order_by("-count", "field")
    for field, count in rows[:FIELDS]:
        yield f"{field} changed {'once' if count == 1 else f'{count:,} times'}"


def _failures(run: Run, before: Run) -> Iterator[str]:
    more = run.failed - before.failed
    if more:
        noun = "failure" if abs(more) == 1 else "failures"
        yield f"{more:,} more {noun}" if more > 0 else f"{-more:,} {noun} fewer"


def _time(run: Run, before: Run) -> Iterator[str]:
    taken, earlier = _seconds(run), _seconds(before)
    if taken is None or earlier is None:
        return
    saved = earlier - taken
    if abs(saved) >= max(1.0, SHARE * max(taken, earlier)):
        yield f"{rough_span(abs(saved))} {'faster' if saved > 0 else 'slower'}"


def _seconds(run: Run) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return (run.finished_at - run.started_at).total_seconds()
