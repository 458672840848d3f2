"""The runs of a batch while it is stored: their counters, their scope, what they admit, their end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property

import msgspec

from catalog.models import Run, Snapshot
from catalog.sql.bulk import update_each
from crawler.lanes import Lane, lane_of
from crawler.outcomes import Limit, Outcome
from crawler.outlinks import Outlink, VisitKind
from crawler.policy import SMALL
from crawler.rules.keys import Keys
from crawler.rules.roots import roots_after, same_site
from crawler.rules.scope import ScopeRules
from pipelines.events.baseline import filled_before, known_collections, rules_known
from pipelines.frontier.admit import Admitted, Candidate, admit_all
from pipelines.frontier.again import ask_again
from pipelines.frontier.candidates import Nearer
from pipelines.frontier.seen import SEEN, SeenByRun
from pipelines.handover import Fetched, Links, Parsed
from pipelines.runs.known_failures import save_known
from pipelines.store.decisions import MAX_HOPS, asks_for_cookies

SAMPLE = 20  # out-of-scope URLs kept on a run for people to look at
WARNINGS = 50  # sentences kept on a run
NEARER = 200  # pages of a run whose links one step brings nearer, so that no transaction is long
STEPS = 20


class BatchRun:
    """One locked run. Counters are raised on the object and saved once, with the visits they count."""

    def __init__(self, run: Run, *, filled_before: bool = False) -> None:
        self.run = run
        self.filled_before = filled_before  # whether an earlier run has: then what is new is news
        self.policy = run.policy
        self.keys = Keys.of(self.policy)
        self._candidates: list[Candidate] = []
        self._again: dict[int, Candidate] = {}

    @cached_property
    def scope(self) -> ScopeRules:
        """Made only for the few links that parse has not checked."""
        rules = ScopeRules(self.policy, self.run.roots)
        if rules.problem:
            self.warn(rules.problem)
        return rules

    @cached_property
    def collections(self) -> frozenset[str]:
        """The names of those that its rules read."""
        return frozenset(self.fields)

    @cached_property
    def fields(self) -> dict[str, frozenset[str]]:
        """The fields that its rules read, by collection; none if an extractor says which there are."""
        return {each.name: frozenset(field.name for field in each.fields) for each in self.policy.collections}

    @cached_property
    def known_collections(self) -> frozenset[str]:
        """Those of its collections that earlier runs have read."""
        return known_collections(self.run)

    @cached_property
    def knows_rules(self) -> bool:
        """Whether an earlier run has read by its rules."""
        return self.filled_before and rules_known(self.run, self.run.started_at)

    @property
    def admitting(self) -> bool:
        """A run that is being stopped takes no new URLs and makes no further tries."""
        return self.run.state in {Run.State.OPEN, Run.State.PAUSED}

    def count(self, outcome: Outcome) -> None:
        """Count a visit that ended with this outcome."""
        setattr(self.run, outcome.label, getattr(self.run, outcome.label) + 1)

    def read(self, fetched: Fetched, parsed: Parsed) -> None:
        """Take the links and warnings of a body; the links count even if the page is not stored."""
        if self.run.kind != Run.Kind.RECRAWL:
            self.follow(fetched, self._news(fetched, parsed.outlinks))
            self._leave_out(parsed.out_of_scope, parsed.out_of_scope_sample)
        for warning in parsed.warnings:
            self.warn(f"{fetched.url[:300]}: {warning[:300]}")

    def _news(self, fetched: Fetched, links: Links) -> Sequence[Outlink]:
        """The links that the run may not have yet; those of a sitemap are all read, for their dates."""
        if fetched.kind == VisitKind.SITEMAP:
            return links.unpack()
        unseen = self._seen(fetched.depth + 1).unseen(links.fingerprints)
        if links.level:
            seen = self._seen(fetched.depth)
            unseen = [*unseen, *(at for at in links.level if links.fingerprints[at] not in seen)]
        if not unseen:
            return ()
        outlinks = links.unpack()
        return [outlinks[at] for at in unseen]

    def _seen(self, depth: int) -> SeenByRun:
        """The links that the run has seen, at this depth if depth is limited."""
        return SEEN.of(self.run.pk, 0 if self.policy.max_depth is None else min(depth, SMALL))

    def follow(self, fetched: Fetched, outlinks: Iterable[Outlink]) -> None:
        """Propose what a page or a sitemap lists: pages one link deeper, sitemaps at the same depth.

        The next page of a list is as deep as the page before it. A recrawl follows no link.
        """
        if self.run.kind == Run.Kind.RECRAWL:
            return
        deeper = min(fetched.depth + 1, SMALL)
        seen = self._seen(deeper)
        for link in outlinks:
            depth = fetched.depth if link.level else deeper
            if link.lastmod is None and link.fingerprint in (self._seen(depth) if link.level else seen):
                continue  # admission would ignore it too, at a higher cost
            if link.kind == VisitKind.PAGE:
                self._candidates.append(Candidate(link, depth, 0, fetched.visit_id))
            else:
                self._propose_sitemap(link, fetched, fetched.hops + 1)

    def follow_again(self, fetched: Fetched, outlinks: Iterable[Outlink]) -> None:
        """Propose the links of an unchanged page, by the scope and the keys of this run."""
        links = map(self._link_again, outlinks)
        self.follow(fetched, [link for link in links if link and self.scope.covers(link.url)])

    def _link_again(self, old: Outlink) -> Outlink | None:
        """A stored link, by the keys of this run."""
        link = self.keys.outlink(old.url, old.url)
        return msgspec.structs.replace(link, level=True) if link and old.level else link

    def follow_sitemaps(self, fetched: Fetched) -> None:
        """Propose the sitemaps that robots.txt of a start URL's host names, wherever they are."""
        for line in fetched.sitemaps:
            if link := self.keys.outlink(line, fetched.url):
                self._propose_sitemap(self.keys.sitemap(link.url), fetched, 0)

    def follow_redirect(self, fetched: Fetched, location: str) -> None:
        """Propose a redirect's target, if it is in scope. A start URL's own may be elsewhere."""
        if fetched.kind == VisitKind.SITEMAP:
            self._propose_sitemap(self.keys.sitemap(location), fetched, fetched.hops + 1)
            return
        start = self._is_start(fetched)
        if start:
            self._join(fetched.url, location)
        if self.scope.covers(location) or (start and not self.scope.excludes(location)):
            link = self.keys.link(location)
            target = Candidate(link, fetched.depth, fetched.hops + 1, fetched.visit_id)
            self._candidates.append(target)
            if asks_for_cookies(fetched):
                self._again[link.fingerprint] = target
        else:
            self._leave_out(1, [location])

    def _join(self, url: str, location: str) -> None:
        """Let the target of a start URL join the scope if it is of its site; else it is a page by itself."""
        roots = roots_after(self.policy.scope, self.run.roots, url, location)
        if roots != self.run.roots:
            self.run.roots = roots
            self.scope = ScopeRules(self.policy, roots)
        elif not same_site(location, roots):
            self.warn(
                f"{url[:300]} leads to {location[:300]}, which is another site: only that page is visited. "
                "If the site has moved, change the start URL."
            )

    def _is_start(self, fetched: Fetched) -> bool:
        """Whether it is a start URL or one's redirect target; not any page of a recrawl, all of depth 0."""
        if fetched.depth:
            return False
        roots = (*self.run.roots, *self.policy.start_urls)
        return self.run.kind != Run.Kind.RECRAWL or fetched.url in roots

    def _propose_sitemap(self, link: Outlink, fetched: Fetched, hops: int) -> None:
        if hops <= MAX_HOPS:
            self._candidates.append(Candidate(link, fetched.depth, hops, fetched.visit_id))
        else:
            self.limited(Limit.SITEMAPS, 1)

    def limited(self, limit: Limit, links: int) -> None:
        """Add a limit to those that acted, with the number of links it turned away."""
        self.run.limits = {**self.run.limits, limit.value: self.run.limits.get(limit.value, 0) + links}

    def warn(self, sentence: str) -> None:
        """Keep a sentence for people, once."""
        if sentence not in self.run.warnings and len(self.run.warnings) < WARNINGS:
            self.run.warnings = [*self.run.warnings, sentence]

    def count_doubles(self, collection: str, count: int, example: str) -> None:
        """Count records that are left out because another on their page has their key; in one warning."""
        words = f"Records of {collection} with a key that another on their page has: "
        known = next((each for each in self.run.warnings if each.startswith(words)), None)
        if known is None:
            self.warn(f"{words}{count}, such as {example}. Of each key, only the first is kept.")
            return
        number, _, rest = known.removeprefix(words).partition(",")
        more = f"{words}{int(number) + count},{rest}"
        self.run.warnings = [more if each == known else each for each in self.run.warnings]

    def _leave_out(self, count: int, sample: Iterable[str]) -> None:
        self.run.out_of_scope += count
        room = SAMPLE - len(self.run.out_of_scope_sample)
        if room > 0:
            new = [url for url in dict.fromkeys(sample) if url not in self.run.out_of_scope_sample]
            self.run.out_of_scope_sample = [*self.run.out_of_scope_sample, *new[:room]]

    def beyond(self, nearer: Sequence[Nearer]) -> list[Candidate]:
        """What visits lead to that have ended and are nearer to the start than they were."""
        depths = {visit.snapshot_id: visit for visit in nearer[:NEARER] if visit.snapshot_id is not None}
        links: list[Candidate] = []
        for snapshot in Snapshot.objects.filter(pk__in=list(depths)).only("outlinks_zstd"):
            visit = depths[snapshot.pk]
            for link in filter(None, map(self._link_again, snapshot.outlinks)):
                depth = visit.depth if link.level else min(visit.depth + 1, SMALL)
                links.append(Candidate(link, depth, 0, visit.visit_id))
        for visit in nearer[:NEARER]:
            if visit.location:
                links.append(Candidate(self.keys.link(visit.location), visit.depth, 1, visit.visit_id))
        return [link for link in links if self.scope.covers(link.outlink.url)]

    def ask_again(self, now: datetime) -> set[int]:
        """Queue the redirects that lead back to where the cookies are wanted; returns their hosts."""
        return ask_again(self.run, self._again, now) if self._again and self.admitting else set()

    @property
    def proposed(self) -> list[Candidate]:
        """The candidates for admission. First count the ended visits, on which its limits depend."""
        return self._candidates if self.admitting else []

    def close(self, admitted: Admitted, now: datetime) -> None:
        """Name the limits that acted, and end the run if nothing is open."""
        for limit, links in admitted.limits.items():
            self.limited(Limit(limit), links)
        if self.run.discovered == self.run.done:
            self.run.state = Run.State.FINISHED
            self.run.finished_at = now

    @property
    def lane(self) -> Lane:
        return lane_of(self.run.rank)


_SAVED = [
    *(outcome.label for outcome in Outcome),
    "discovered", "out_of_scope", "out_of_scope_sample", "limits", "warnings", "roots", "state",
    "finished_at",
]  # fmt: skip


def lock_runs(run_ids: Iterable[int]) -> dict[int, BatchRun]:
    """Lock the runs, in the order of their ids; returns their BatchRuns by run id."""
    runs = Run.objects.select_for_update().filter(pk__in=set(run_ids)).order_by("pk")
    found = runs.annotate(filled_before=filled_before())
    return {run.pk: BatchRun(run, filled_before=vars(run)["filled_before"]) for run in found}


def settle(batch_runs: Collection[BatchRun], now: datetime) -> dict[Lane, set[int]]:
    """Admit the candidates of the runs, and save the runs; returns the hosts that got new work, by lane."""
    again = {batch_run.run.pk: batch_run.ask_again(now) for batch_run in batch_runs}
    admitted = admit_all([(batch_run.run, batch_run.proposed) for batch_run in batch_runs], now)
    _bring_nearer(batch_runs, admitted, now)
    for batch_run in batch_runs:
        admitted[batch_run.run.pk].host_ids |= again[batch_run.run.pk]
        batch_run.close(admitted[batch_run.run.pk], now)
    update_each([batch_run.run for batch_run in batch_runs], _SAVED)
    for batch_run in batch_runs:
        if batch_run.run.state == Run.State.FINISHED:
            save_known(batch_run.run, now)
    return hosts_by_lane((batch_run.lane, admitted[batch_run.run.pk].host_ids) for batch_run in batch_runs)


def _bring_nearer(batch_runs: Collection[BatchRun], admitted: dict[int, Admitted], now: datetime) -> None:
    """Admit what is behind visits to which a shorter way was found, step by step."""
    for _ in range(STEPS):
        work = [
            (batch_run.run, batch_run.beyond(nearer))
            for batch_run in batch_runs
            if (nearer := admitted[batch_run.run.pk].nearer)
        ]
        if not work:
            return
        for run_id, more in admit_all(work, now).items():
            admitted[run_id].add(more)


def hosts_by_lane(work: Iterable[tuple[Lane, set[int]]]) -> dict[Lane, set[int]]:
    """Merge the hosts to wake by lane."""
    merged: dict[Lane, set[int]] = defaultdict(set)
    for lane, host_ids in work:
        if host_ids:
            merged[lane] |= host_ids
    return dict(merged)
