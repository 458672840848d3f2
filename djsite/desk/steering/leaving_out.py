"""Leaving a part of a site out of a run while it goes, and out of the runs to come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.models import Run, Seed
from crawler.rules.patterns import Patterns, check_pattern
from djsite.desk import seeds
from djsite.desk.audit import AnyUser
from djsite.desk.read.runs import waiting_in
from pipelines.runs import left_out
from scheduler import dispatch

LOOKED_AT = 50_000  # waiting addresses that a preview looks at
EXAMPLES = 10
FOR_FOLDERS = 2_000  # waiting addresses among which folders are offered
FOLDERS = 5


class Refused(ValueError):
    """It cannot be left out; a sentence for people."""


@dataclass(frozen=True)
class Preview:
    """What a pattern would skip of what waits now."""

    pattern: str
    count: int
    looked_at: int
    waiting: int
    examples: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How many addresses match, of those that were looked at."""
        what = "waiting address matches" if self.count == 1 else "waiting addresses match"
        if self.looked_at < self.waiting:
            return f"Of {self.looked_at:,} waiting addresses that were looked at, {self.count:,} match."
        return f"{self.count:,} {what}."


def preview(run: Run, pattern: str) -> Preview:
    """What leaving a pattern out would skip. Raises Refused for a pattern that cannot be used."""
    matches = Patterns([_checked(pattern)]).match
    urls = list(waiting_in(run.pk).values_list("url", flat=True)[:LOOKED_AT])
    hits = [url for url in urls if matches(url)]
    waiting = max(len(urls), run.discovered - run.done) if len(urls) == LOOKED_AT else len(urls)
    return Preview(pattern.strip(), len(hits), len(urls), waiting, tuple(hits[:EXAMPLES]))


def folders(run: Run) -> list[tuple[str, int]]:
    """The commonest folders among what waits, as patterns, each with its number of the first that wait."""
    urls = waiting_in(run.pk).values_list("url", flat=True)[:FOR_FOLDERS]
    counts = Counter(folder for url in urls if (folder := folder_of(url)).count("/") > 3)
    return [(f"{folder}*", count) for folder, count in counts.most_common(FOLDERS) if count > 1]


def folder_of(url: str) -> str:
    """The address up to its last slash, the query aside."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    return f"{scheme}://{rest.rpartition('/')[0] or rest}/"


def leave_out(run: Run, pattern: str, now: datetime, user: AnyUser | None, means: str = "") -> str:
    """Exclude a pattern from the seed, and from the run if it still goes; a sentence says what happened.

    Raises:
        Refused: the pattern cannot be used, or the seed cannot be saved as it is.
        PermissionDenied: see :func:`djsite.desk.seeds.save`.
    """
    pattern = _checked(pattern)
    with transaction.atomic():
        seed = Seed.objects.select_for_update().get(pk=run.seed_id)
        excluded = seed.exclude.splitlines()
        if pattern not in excluded:
            seed.exclude = "\n".join([*excluded, pattern])
            _clean(seed)
            seeds.save(seed, now, user, means)
        is_running = left_out.leave_out(run, pattern, "" if user is None else user.get_username(), now)
        if is_running:
            dispatch.settle_run(run)
    if is_running:
        return f"{pattern} is left out: what waits of it is being skipped. The seed excludes it from now on."
    return f"The seed excludes {pattern} from its next run on."


def _checked(pattern: str) -> str:
    try:
        return check_pattern(pattern.strip())
    except ValueError as error:
        raise Refused(str(error)) from error


def _clean(seed: Seed) -> None:
    try:
        seed.clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
