"""The runs of a batch while it is stored: their counters, their scope, what they admit, their end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from crawler.records import Fetched, Lane, Outcome, Outlink, Parsed
from crawler.scope import ScopeRules
from crawler.urls import BadUrl, canonical_url, origin_of, url_fingerprint
from djsite.catalog.models import Run
from djsite.catalog.models.visit import lane_of
from pipelines.frontier.admit import Candidate, admit

SAMPLE = 20  # out-of-scope URLs kept on a run for people to look at


class RunLedger:
    """One locked run. Counters are raised on the object and saved once, with the visits they count."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.policy = run.policy
        self.scope = ScopeRules(self.policy, run.roots)
        self._outcomes: Counter[Outcome] = Counter()
        self._candidates: list[Candidate] = []
        self._limits: Counter[str] = Counter(run.limits)

    @property
    def admitting(self) -> bool:
        """A run that is being stopped takes no new URLs and makes no further tries."""
        return self.run.state in {Run.State.OPEN, Run.State.PAUSED}

    def count(self, outcome: Outcome) -> None:
        self._outcomes[outcome] += 1

    def follow(self, fetched: Fetched, outlinks: Iterable[Outlink]) -> None:
        """Propose a page's links, one hop further from the start."""
        depth = fetched.depth + 1
        self._candidates += [Candidate(link, depth, 0, fetched.visit_id) for link in outlinks]

    def follow_again(self, fetched: Fetched, outlinks: Iterable[Outlink]) -> None:
        """Propose the links of an unchanged page, by the scope in force now."""
        self.follow(fetched, [link for link in outlinks if self.scope.refusal(link.url) is None])

    def follow_redirect(self, fetched: Fetched, location: str) -> None:
        """Propose a redirect's target. A start URL's own redirect joins the scope; others must be in it."""
        try:
            link = Outlink(location, url_fingerprint(canonical_url(location)), origin_of(location))
        except BadUrl:
            return
        if fetched.depth == 0 and location not in self.run.roots:
            self.run.roots = [*self.run.roots, location]
            self.scope = ScopeRules(self.policy, self.run.roots)
        if self.scope.refusal(location) is None:
            self._candidates.append(Candidate(link, fetched.depth, fetched.hops + 1, fetched.visit_id))
        else:
            self._leave_out(1, [location])

    def note_out_of_scope(self, parsed: Parsed) -> None:
        self._leave_out(parsed.out_of_scope, parsed.out_of_scope_sample)

    def _leave_out(self, count: int, sample: Iterable[str]) -> None:
        self.run.out_of_scope += count
        room = SAMPLE - len(self.run.out_of_scope_sample)
        if room > 0:
            new = [url for url in dict.fromkeys(sample) if url not in self.run.out_of_scope_sample]
            self.run.out_of_scope_sample = [*self.run.out_of_scope_sample, *new[:room]]

    def settle(self, now: datetime) -> set[int]:
        """Admit what was proposed, save the counters, close the run if nothing is open.

        Returns the hosts that got new work.
        """
        host_ids: set[int] = set()
        if self._candidates and self.admitting:
            admitted = admit(self.run, self._candidates, now)
            self._limits.update(admitted.limits)
            host_ids = admitted.host_ids
        for outcome, count in self._outcomes.items():
            setattr(self.run, outcome.label, getattr(self.run, outcome.label) + count)
        self.run.limits = dict(self._limits)
        if self.run.discovered == self.run.done:
            self.run.state = Run.State.FINISHED
            self.run.finished_at = now
        self.run.save(update_fields=_SAVED)
        return host_ids

    @property
    def lane(self) -> Lane:
        return lane_of(self.run.rank)


_SAVED = [
    *(outcome.label for outcome in Outcome),
    "discovered", "out_of_scope", "out_of_scope_sample", "limits", "roots", "state", "finished_at",
]  # fmt: skip


def lock_ledgers(run_ids: Iterable[int]) -> dict[int, RunLedger]:
    """Lock the runs, in the order of their ids, and open their ledgers."""
    runs = Run.objects.select_for_update().filter(pk__in=set(run_ids)).order_by("pk")
    return {run.pk: RunLedger(run) for run in runs}


def hosts_by_lane(work: Iterable[tuple[Lane, set[int]]]) -> dict[Lane, set[int]]:
    """Merge the hosts to wake by lane."""
    merged: dict[Lane, set[int]] = defaultdict(set)
    for lane, host_ids in work:
        if host_ids:
            merged[lane] |= host_ids
    return dict(merged)
