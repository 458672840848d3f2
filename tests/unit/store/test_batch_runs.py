"""A run while a batch of its pages is stored: what it counts, what it proposes, and when it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest

from catalog.models import Run
from crawler.lanes import Lane, rank_of
from crawler.outcomes import Limit, Outcome
from crawler.outlinks import Outlink, VisitKind
from crawler.policy import SMALL, CrawlPolicy, Scope
from crawler.rules.keys import Keys
from pipelines.frontier.candidates import Admitted, Candidate
from pipelines.frontier.seen import SEEN
from pipelines.handover import Fetched, Links, Parsed
from pipelines.store.decisions import MAX_HOPS
from pipelines.store.runs import SAMPLE, WARNINGS, BatchRun, hosts_by_lane
from tests.factories import new_fetched

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
START = "http://a.test/"


@pytest.fixture(autouse=True)
def _nothing_seen() -> Iterator[None]:
    SEEN.clear()
    yield
    SEEN.clear()


def batch_run(
    kind: str = Run.Kind.SCHEDULED, state: str = Run.State.OPEN, roots: tuple[str, ...] = (START,), **policy
) -> BatchRun:
    """A run of one host that is in no table."""
    frozen = CrawlPolicy(**({"start_urls": (START,), "scope": Scope.HOST} | policy))
    run = Run(
        pk=7, kind=kind, state=state, roots=list(roots), rank=15, policy_json=msgspec.to_builtins(frozen)
    )
    return BatchRun(run)


def fetched(url: str = START + "page", depth: int = 2, **values) -> Fetched:
    return new_fetched(run_id=7, url=url, depth=depth, **values)


def links(*paths: str) -> list[Outlink]:
    return [Keys().link(START + path) for path in paths]


def proposed(of: BatchRun) -> list[tuple[str, int, int, int | None]]:
    """URL, depth, hops and the visit that found it, of what admission is asked for."""
    return [(each.outlink.url, each.depth, each.hops, each.found_on) for each in of.proposed]


def test_ends_are_counted_on_the_run():
    run = batch_run()
    for outcome in (Outcome.STORED, Outcome.STORED, Outcome.FAILED):
        run.count(outcome)
    assert (run.run.stored, run.run.failed, run.run.skipped, run.run.done) == (2, 1, 0, 3)


def test_links_are_proposed_one_step_further_from_the_start():
    run = batch_run()
    run.follow(fetched(visit_id=5, depth=2), links("x", "y"))
    assert proposed(run) == [(START + "x", 3, 0, 5), (START + "y", 3, 0, 5)]


@pytest.mark.parametrize("limit", [None, SMALL])
def test_a_chain_goes_on_behind_the_largest_depth_that_a_column_holds(limit: int | None):
    run = batch_run(max_depth=limit)
    run.read(fetched(depth=SMALL), Parsed(visit_id=1, outlinks=Links.of(links("next"))))
    run.follow(fetched(depth=SMALL - 1), links("last"))
    run.follow_redirect(fetched(depth=SMALL), START + "moved")
    assert [(url, depth) for url, depth, *_ in proposed(run)] == [
        (START + "next", SMALL),
        (START + "last", SMALL),
        (START + "moved", SMALL),
    ]


def test_links_admitted_before_are_not_proposed_again_unless_a_sitemap_dates_them():
    run = batch_run()
    known, new = links("known", "new")
    dated = msgspec.structs.replace(known, lastmod=NOW.timestamp())
    SEEN.add(7, [known.fingerprint])
    run.follow(fetched(), [known, new, dated])
    assert [candidate.outlink for candidate in run.proposed] == [new, dated]


def test_of_the_links_of_a_page_only_those_not_admitted_before_are_proposed():
    run = batch_run()
    known, *new = links("known", "x", "y")
    SEEN.add(7, [known.fingerprint])
    run.read(fetched(), Parsed(visit_id=1, outlinks=Links.of([new[0], known, new[1]])))
    assert [candidate.outlink for candidate in run.proposed] == new


def test_the_entries_of_a_sitemap_are_proposed_with_their_dates_though_admitted_before():
    run = batch_run()
    (known,) = links("known")
    dated = msgspec.structs.replace(known, lastmod=NOW.timestamp())
    SEEN.add(7, [known.fingerprint])
    run.read(fetched(kind=VisitKind.SITEMAP), Parsed(visit_id=1, outlinks=Links.of([dated])))
    assert [candidate.outlink for candidate in run.proposed] == [dated]


def test_what_another_run_has_seen_is_proposed():
    run = batch_run()
    (link,) = links("x")
    SEEN.add(8, [link.fingerprint])
    run.follow(fetched(), [link])
    assert len(run.proposed) == 1


def test_a_recrawl_follows_nothing_and_counts_nothing_out_of_scope():
    run = batch_run(Run.Kind.RECRAWL)
    run.read(fetched(), Parsed(visit_id=1, outlinks=Links.of(links("x")), out_of_scope=3))
    assert (run.proposed, run.run.out_of_scope) == ([], 0)


@pytest.mark.parametrize(
    ("state", "count"),
    [(Run.State.OPEN, 1), (Run.State.PAUSED, 1), (Run.State.STOPPING, 0), (Run.State.FINISHED, 0)],
)
def test_a_run_that_ends_admits_nothing(state, count):
    run = batch_run(state=state)
    run.follow(fetched(), links("x"))
    assert len(run.proposed) == count
    assert run.admitting == bool(count)


def test_sitemaps_keep_the_depth_and_count_how_far_they_are_nested():
    run = batch_run()
    child = Keys().sitemap(START + "child.xml")
    run.follow(fetched(depth=0, hops=2), [child])
    assert proposed(run) == [(START + "child.xml", 0, 3, 1)]
    run.follow(fetched(depth=0, hops=MAX_HOPS), [child])
    assert len(run.proposed) == 1
    assert run.run.limits == {Limit.SITEMAPS.value: 1}


def test_sitemaps_of_robots_are_proposed_wherever_they_are():
    run = batch_run()
    run.follow_sitemaps(fetched(sitemaps=("http://cdn.test/map.xml", "/own.xml", "http://")))
    assert [url for url, *_ in proposed(run)] == ["http://cdn.test/map.xml", START + "own.xml"]
    assert all(candidate.is_sitemap for candidate in run.proposed)


def test_links_of_an_unchanged_page_are_judged_by_the_scope_in_force_now():
    run = batch_run(exclude=("*/old*",))
    run.follow_again(fetched(), [*links("old", "new"), Keys().link("http://b.test/")])
    assert [url for url, *_ in proposed(run)] == [START + "new"]


def test_their_keys_are_those_in_force_now():
    run = batch_run(ignore_params=("ref",))
    run.follow_again(fetched(), links("x?ref=1"))
    (candidate,) = run.proposed
    assert candidate.outlink.fingerprint == links("x")[0].fingerprint


def test_a_redirect_in_scope_is_proposed_at_the_same_depth():
    run = batch_run()
    run.follow_redirect(fetched(depth=2, hops=1, visit_id=5), START + "target")
    assert proposed(run) == [(START + "target", 2, 2, 5)]
    assert run.run.roots == [START]


def test_a_redirect_out_of_scope_is_counted_and_not_followed():
    run = batch_run()
    run.follow_redirect(fetched(depth=1), "http://b.test/")
    assert run.proposed == []
    assert (run.run.out_of_scope, run.run.out_of_scope_sample) == (1, ["http://b.test/"])


def test_where_a_start_url_leads_on_its_site_joins_the_scope():
    run = batch_run()
    run.follow_redirect(fetched(depth=1), "http://www.a.test/early")
    assert run.proposed == []
    run.follow_redirect(fetched(START, depth=0), "http://www.a.test/")
    run.follow_redirect(fetched(START, depth=0), "http://www.a.test/")
    run.follow_redirect(fetched(depth=1), "http://www.a.test/other")
    assert run.run.roots == [START, "http://www.a.test/"]
    assert [url for url, *_ in proposed(run)][-1] == "http://www.a.test/other"


def test_of_another_site_only_the_page_to_which_a_start_url_leads_is_visited():
    run = batch_run()
    run.follow_redirect(fetched(START, depth=0), "http://b.test/club")
    run.follow_redirect(fetched("http://b.test/club", depth=0, hops=1), "http://b.test/club/")
    run.follow_redirect(fetched(depth=1), "http://b.test/other")
    assert [url for url, *_ in proposed(run)] == ["http://b.test/club", "http://b.test/club/"]
    assert run.run.roots == [START]
    assert run.run.warnings[0].startswith(f"{START} leads to http://b.test/club, which is another site")


def test_not_even_a_start_url_leads_to_what_is_excluded():
    run = batch_run(exclude=("*/login*",))
    run.follow_redirect(fetched(START, depth=0), "http://www.a.test/login")
    assert run.proposed == []


def test_where_a_page_of_a_recrawl_leads_joins_its_scope_only_if_it_was_a_start_url():
    run = batch_run(Run.Kind.RECRAWL)
    run.follow_redirect(fetched(START + "deep", depth=0), "http://www.a.test/")
    assert run.run.roots == [START]
    run.follow_redirect(fetched(START, depth=0), "http://www.a.test/")
    assert run.run.roots == [START, "http://www.a.test/"]


def test_links_out_of_scope_are_counted_and_a_few_different_ones_are_kept():
    run = batch_run()
    for number in range(0, SAMPLE + 1, 3):
        sample = ("http://b.test/same", *(f"http://b.test/{number + step}" for step in range(3)))
        run.read(fetched(), Parsed(visit_id=1, out_of_scope=5, out_of_scope_sample=sample))
    assert run.run.out_of_scope == 5 * len(range(0, SAMPLE + 1, 3))
    assert len(run.run.out_of_scope_sample) == len(set(run.run.out_of_scope_sample)) == SAMPLE
    assert run.run.out_of_scope_sample[:2] == ["http://b.test/same", "http://b.test/0"]


def test_a_warning_is_kept_once_with_its_url_and_not_without_end():
    run = batch_run()
    for number in (1, 1, *range(2, 2 * WARNINGS)):
        run.read(fetched(), Parsed(visit_id=1, warnings=(f"line {number}",)))
    assert len(run.run.warnings) == WARNINGS
    assert run.run.warnings[:2] == [f"{START}page: line 1", f"{START}page: line 2"]


def test_limits_add_up_by_name():
    run = batch_run()
    run.limited(Limit.PAGES, 3)
    run.limited(Limit.PAGES, 4)
    run.close(Admitted(limits=Counter({Limit.DEPTH.value: 2})), NOW)
    assert run.run.limits == {Limit.PAGES.value: 7, Limit.DEPTH.value: 2}


def test_a_run_ends_when_none_of_its_visits_is_open():
    run = batch_run()
    run.run.discovered = 2
    run.count(Outcome.STORED)
    run.close(Admitted(), NOW)
    assert (run.run.state, run.run.finished_at) == (Run.State.OPEN, None)
    run.count(Outcome.SKIPPED)
    run.close(Admitted(), NOW)
    assert (run.run.state, run.run.finished_at) == (Run.State.FINISHED, NOW)


def test_hosts_to_wake_are_merged_by_lane():
    work = [(Lane.BULK, {1}), (Lane.URGENT, {2}), (Lane.BULK, {3}), (Lane.NORMAL, set())]
    assert hosts_by_lane(work) == {Lane.BULK: {1, 3}, Lane.URGENT: {2}}


def test_its_lane_is_that_of_its_rank():
    run = batch_run()
    run.run.rank = rank_of(Lane.BULK, 9)
    assert run.lane == Lane.BULK


def test_the_candidates_of_pages_and_sitemaps_stay_in_order():
    run = batch_run()
    run.follow(fetched(depth=0), [*links("a"), Keys().sitemap(START + "s.xml"), *links("b")])
    assert [type(candidate) for candidate in run.proposed] == [Candidate] * 3
    assert [url.removeprefix(START) for url, *_ in proposed(run)] == ["a", "s.xml", "b"]
