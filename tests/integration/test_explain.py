"""Any address is explained: what decided on it, from what is kept, and what would have to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Attempt, Host, Page, Run, RunTemplate, Seed, Visit
from crawler.outcomes import Limit, Outcome, Reason
from crawler.rules.keys import Keys
from crawler.seed_requests import with_token
from djsite.desk.explain.explaining import explain
from djsite.desk.explain.explanation import Code, Mark
from tests import factories
from tests.factories import NOW, Got
from tests.fakeweb import Answer, FakeWeb
from tests.harness.path import crawl_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
LATER = NOW + timedelta(minutes=5)
UNCHANGED = {Reason.MARKUP_ONLY, Reason.NOISE_ONLY, Reason.SAME_VALUES}
OF_RUNS = {Reason.BAD_PATTERN, Reason.OPENING_KILLED}
SKIPPED = {
    Reason.ROBOTS,
    Reason.NOINDEX,
    Reason.STOPPED,
    Reason.MAX_DURATION,
    Reason.SAME_TEXT,
    Reason.CONTENT_TYPE,
}
_numbers = count(1)


class Site:
    """A host of its own, so that the cases of the table do not meet."""

    def __init__(self) -> None:
        self.root = f"http://www.site-{next(_numbers)}.example/"
        self.url = f"{self.root}shelf/lamp"

    def seed(self, **values: Any) -> Seed:
        return factories.make_seed(**{"start_urls": self.root, "use_sitemaps": False} | values)

    def crawled(self, *got: Got, seed: Seed | None = None, **values: Any) -> Run:
        home = Got(self.root, links=values.pop("links", ()))
        return factories.crawl(seed or self.seed(), [home, *got], **values)

    def host(self, **values: Any) -> None:
        factories.make_host(self.root)
        Host.objects.filter(origin=f"{self.root[:-1]}:80").update(**values)

    def robots(self, body: str = "", status: int | None = 200) -> None:
        self.host(robots_body=body, robots_status=status, robots_fetched_at=NOW)

    def waits(self, run: Run | None = None, *, state: int = Visit.State.QUEUED, **values: Any) -> Visit:
        run = run or self.crawled(state=Run.State.OPEN)
        return factories.make_visit(run, Got(self.url, depth=1), state=state, **{"due_at": NOW} | values)


Planted = tuple[str, str, str]  # the address, the code that is right, words of the verdict
CASES: list[Callable[[Site], Planted]] = []
planted_case = CASES.append


def _ended(reason: str) -> Callable[[Site], Planted]:
    outcome = Outcome.SKIPPED if reason in SKIPPED else Outcome.FAILED
    status = int(reason[5:]) if reason.startswith("http_") else None

    def plant(site: Site) -> Planted:
        site.crawled(Got(site.url, outcome, reason, status, detail="so it was", depth=1))
        return site.url, reason, "so it was"

    return plant


for code in (*(set(Reason) - UNCHANGED - OF_RUNS - {Reason.SITEMAP}), "http_404", "http_403", "http_503"):
    planted_case(_ended(str(code)))
for code in UNCHANGED:
    planted_case(
        lambda site, code=code: (
            site.crawled(Got(site.url), seed=(seed := site.seed()))
            and site.crawled(Got(site.url, Outcome.UNCHANGED, code), seed=seed, at=LATER)
            and (site.url, "unchanged", "It is here")
        )
    )


@planted_case
def stored(site: Site) -> Planted:
    site.crawled(Got(site.url))
    return site.url, "stored", "It is here"


@planted_case
def redirected(site: Site) -> Planted:
    site.crawled(Got(site.url, Outcome.REDIRECTED, None, 301, location=f"{site.root}new"))
    return site.url, "redirected", f"{site.root}new"


@planted_case
def answered_404_twice(site: Site) -> Planted:
    seed = site.seed()
    site.crawled(Got(site.url), seed=seed)
    site.crawled(Got(site.url, Outcome.FAILED, "http_404", 404), seed=seed, at=LATER)
    Page.objects.filter(url=site.url).update(gone_at=LATER)
    return site.url, Code.GONE, "the server answered 404"


@planted_case
def no_longer_linked(site: Site) -> Planted:
    seed = site.seed()
    run = site.crawled(Got(site.url), seed=seed)
    Page.objects.filter(url=site.url).update(gone_at=LATER)
    Visit.objects.filter(run=run).delete()
    return site.url, Code.GONE, "It is gone"


@planted_case
def failed_after_it_was_stored(site: Site) -> Planted:
    seed = site.seed()
    site.crawled(Got(site.url), seed=seed)
    site.crawled(Got(site.url, Outcome.FAILED, "timeout", None), seed=seed, at=LATER)
    return site.url, "timeout", "stored of it before stays"


@planted_case
def read_as_a_sitemap(site: Site) -> Planted:
    run = site.crawled()
    visit = site.waits(run, state=Visit.State.DONE, outcome=Outcome.SKIPPED, reason=Reason.SITEMAP, kind=1)
    Visit.objects.filter(pk=visit.pk).update(fingerprint=Keys().sitemap(site.url).fingerprint)
    return site.url, Reason.SITEMAP, "as a sitemap"


@planted_case
def excluded(site: Site) -> Planted:
    site.crawled(seed=site.seed(exclude="*/cart*\n*/shelf/*"))
    return site.url, Code.EXCLUDED, "“*/shelf/*”"


@planted_case
def excluded_since_it_was_stored(site: Site) -> Planted:
    seed = site.seed()
    site.crawled(Got(site.url), seed=seed)
    Seed.objects.filter(pk=seed.pk).update(exclude="re:/shelf/l")
    return site.url, Code.EXCLUDED, "It is stored, but is not asked again"


@planted_case
def not_included(site: Site) -> Planted:
    site.crawled(seed=site.seed(include="*/table/*"))
    return site.url, Code.NOT_INCLUDED, "“*/table/*”"


@planted_case
def only_start_urls(site: Site) -> Planted:
    site.crawled(seed=site.seed(scope="page"))
    return site.url, Code.OUT_OF_SCOPE, "only the start URLs"


@planted_case
def another_folder(site: Site) -> Planted:
    site.crawled(seed=site.seed(scope="prefix", start_urls=f"{site.root}table/"))
    return site.url, Code.OUT_OF_SCOPE, "folders of the start URLs"


@planted_case
def another_host(site: Site) -> Planted:
    site.crawled()
    return site.url.replace("www.", "help."), Code.OUT_OF_SCOPE, "another host"


@planted_case
def a_pattern_that_cannot_be_used(site: Site) -> Planted:
    seed = site.seed()
    Seed.objects.filter(pk=seed.pk).update(exclude="re:(")
    return site.url, Reason.BAD_PATTERN, "cannot be used"


@planted_case
def a_private_address(site: Site) -> Planted:
    number = int(site.root.rpartition("-")[2].partition(".")[0])
    factories.crawl(site.seed(start_urls=f"http://10.0.1.{number}/"), [])
    return f"http://10.0.1.{number}/lamp", Reason.BLOCKED_ADDRESS, "public internet"


@planted_case
def robots_forbids(site: Site) -> Planted:
    site.crawled()
    site.robots("User-agent: *\nDisallow: /shelf/\n")
    return site.url, Reason.ROBOTS, "Disallow: /shelf/ (line 2)"


@planted_case
def robots_forbids_us_by_name(site: Site) -> Planted:
    site.crawled()
    site.robots("User-agent: *\nAllow: /\nUser-agent: crawlbeat\nDisallow: /*lamp\n")
    return site.url, Reason.ROBOTS, "(line 4)"


@planted_case
def robots_forbids_what_was_stored(site: Site) -> Planted:
    site.crawled(Got(site.url))
    site.robots("User-agent: *\nDisallow: /\n")
    return site.url, Reason.ROBOTS, "It is stored, but is not asked again"


@planted_case
def robots_is_not_obeyed(site: Site) -> Planted:
    site.crawled(seed=site.seed(obey_robots=False, robots_reason="the owner said so"))
    site.robots("User-agent: *\nDisallow: /\n")
    return site.url, Code.NOT_FOUND, "leads to it"


@planted_case
def robots_cannot_be_read(site: Site) -> Planted:
    site.crawled()
    site.robots(status=500)
    return site.url, Reason.ROBOTS_UNREACHABLE, "the server answered 500"


@planted_case
def its_host_has_no_such_name(site: Site) -> Planted:
    site.crawled()
    site.robots(status=None)
    site.host(robots_reason=Reason.DNS, robots_detail="Name or service not known")
    return site.url, Reason.DNS, "Its host is not reached, not even for robots.txt"


@planted_case
def no_links_are_followed(site: Site) -> Planted:
    site.crawled(seed=site.seed(max_depth=0))
    return site.url, Limit.DEPTH, "max_depth is 0"


@planted_case
def too_deep(site: Site) -> Planted:
    shelf = Got(f"{site.root}shelf/", links=(site.url,), depth=2)
    site.crawled(shelf, seed=site.seed(max_depth=2))
    return site.url, Limit.DEPTH, "max_depth is 2"


@planted_case
def perhaps_too_deep(site: Site) -> Planted:
    site.crawled(seed=site.seed(max_depth=2), limits={"max_depth": 3})
    return site.url, Limit.DEPTH, "left out 3 links"


@planted_case
def too_long(site: Site) -> Planted:
    site.crawled(seed=site.seed(max_url_length=30))
    return site.url + "x" * 20, Limit.URL_LENGTH, "max_url_length is 30"


@planted_case
def the_same_segment_again_and_again(site: Site) -> Planted:
    site.crawled()
    return f"{site.root}a/b/a/b/a/b/a/b", Limit.REPEATED_SEGMENTS, "max_repeated_segments is 3"


@planted_case
def more_pages_than_wanted(site: Site) -> Planted:
    site.crawled(seed=site.seed(max_pages=1), links=(site.url,), limits={"max_pages": 7})
    return site.url, Limit.PAGES, "max_pages is 1"


@planted_case
def more_pages_of_a_host_than_wanted(site: Site) -> Planted:
    run = site.crawled(seed=site.seed(max_pages_per_host=1), limits={"max_pages_per_host": 7})
    run.run_hosts.update(discovered=1)
    return site.url, Limit.PAGES_PER_HOST, "max_pages_per_host is 1"


@planted_case
def pages_of_its_kind_say_nothing_new(site: Site) -> Planted:
    run = site.crawled(limits={"max_same_text": 7})
    for template in Keys().templates(site.url):
        RunTemplate.objects.create(run=run, template=template, same=500, closed=True)
    return site.url, Limit.SAME_TEXT, "said nothing new"


@planted_case
def its_seed_has_not_run(site: Site) -> Planted:
    site.seed()
    return site.url, Code.NOT_RUN, "has not run yet"


@planted_case
def a_run_is_going(site: Site) -> Planted:
    site.crawled(state=Run.State.OPEN)
    return site.url, Code.NOT_YET, "has not met it yet"


@planted_case
def no_page_leads_to_it(site: Site) -> Planted:
    site.crawled(links=(f"{site.root}other",))
    return site.url, Code.NOT_FOUND, "no page or sitemap"


@planted_case
def the_run_ended_before_its_link(site: Site) -> Planted:
    site.crawled(links=(site.url,))
    return site.url, Code.NOT_FOLLOWED, site.root


@planted_case
def no_seed_goes_there(site: Site) -> Planted:
    return site.url, Code.NO_SEED, "no seed goes to"


@planted_case
def asked_by_a_request_with_a_body(site: Site) -> Planted:
    request = {"url": site.url, "json": {"text": "lamp"}}
    run = factories.crawl(site.seed(start_urls="", requests=[request]), [], roots=[site.url])
    token = run.policy.requests[0].token
    got = Got(with_token(site.url, token), Outcome.FAILED, "http_405", 405)
    visit = factories.make_visit(run, got, due_at=NOW, state=3, outcome=4, reason="http_405", attempts=1)
    Visit.objects.filter(pk=visit.pk).update(fingerprint=Keys().link(with_token(site.url, token)).fingerprint)
    return site.url, "http_405", "the server answered 405"


@planted_case
def a_request_that_was_not_made_yet(site: Site) -> Planted:
    site.seed(start_urls="", requests=[{"url": site.url, "json": {}}])
    return site.url, Code.NOT_RUN, "has not run yet"


@planted_case
def forbidden_since_it_failed(site: Site) -> Planted:
    site.crawled(Got(site.url, Outcome.FAILED, "timeout", None))
    site.robots("User-agent: *\nDisallow: /\n")
    return site.url, "timeout", "no complete answer in time"


@planted_case
def a_deleted_seed(site: Site) -> Planted:
    seed = site.seed()
    site.crawled(Got(site.url), seed=seed)
    Seed.objects.filter(pk=seed.pk).update(deleted_at=NOW)
    return site.url, Code.NO_SEED, "no seed goes to"


@planted_case
def waiting(site: Site) -> Planted:
    site.waits()
    return site.url, Code.WAITING, "the next of its host"


@planted_case
def waiting_behind_another(site: Site) -> Planted:
    site.waits(site.crawled(state=Run.State.OPEN, waiting=1), due_at=LATER)
    return site.url, Code.WAITING, "1 address of its host comes first"


@planted_case
def excluded_since_it_was_queued(site: Site) -> Planted:
    seed = site.seed()
    site.waits(site.crawled(seed=seed, state=Run.State.OPEN))
    Seed.objects.filter(pk=seed.pk).update(exclude="*")
    return site.url, Code.WAITING, "It waits for its turn"


@planted_case
def held(site: Site) -> Planted:
    site.waits(site.crawled(state=Run.State.PAUSED), state=Visit.State.HELD)
    return site.url, Code.HELD, "is paused"


@planted_case
def retried(site: Site) -> Planted:
    visit = site.waits(attempts=2, due_at=LATER)
    times = {"fetched_at": NOW, "next_due_at": LATER, "reason": "timeout"}
    Attempt.objects.bulk_create([Attempt(visit=visit, number=number, **times) for number in (1, 2)])
    return site.url, Code.RETRY, "2 times of 4 (no complete answer in time), and is tried again in 4 min"


@planted_case
def its_host_rests(site: Site) -> Planted:
    site.waits()
    site.host(failures=6, open_until=LATER)
    return site.url, Code.HOST_RESTS, "it is asked again in 4 min"


@planted_case
def in_hand(site: Site) -> Planted:
    site.waits(state=Visit.State.FETCHED)
    return site.url, Code.IN_HAND, "being read"


@planted_case
def queued_and_forbidden(site: Site) -> Planted:
    site.waits()
    site.robots("User-agent: *\nDisallow: /\n")
    return site.url, Reason.ROBOTS, "will not be asked. robots.txt forbids it: Disallow: / (line 2)"


@planted_case
def queued_in_a_trap(site: Site) -> Planted:
    run = site.crawled(state=Run.State.OPEN, limits={"max_same_text": 7})
    for template in Keys().templates(site.url):
        RunTemplate.objects.create(run=run, template=template, same=500, closed=True)
    site.waits(run)
    return site.url, Limit.SAME_TEXT, "will be left out"


@planted_case
def queued_in_a_run_that_is_stopped(site: Site) -> Planted:
    site.waits(site.crawled(state=Run.State.STOPPING))
    return site.url, Reason.STOPPED, "being stopped"


def spellings(url: str) -> Iterator[str]:
    """An address as people may type it."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    yield url
    yield f"  {scheme.upper()}://{host.upper()}{slash}{path}#reviews"
    yield f"{host}{slash}{path}?utm_source=mail"


def test_each_of_the_planted_addresses_is_explained_right():
    """In each spelling: the code, and words of the sentence."""
    wrong, asked = [], 0
    for case in CASES:
        url, code, words = case(Site())
        for text in spellings(url):
            explanation = explain(text, now=NOW + timedelta(seconds=30))
            asked += 1
            if explanation.code != code or words not in explanation.verdict:
                wrong.append(
                    (getattr(case, "__name__", ""), text, str(code), explanation.code, explanation.verdict)
                )
    assert not wrong, "\n".join(map(str, wrong))
    assert asked >= 200


@pytest.mark.every_database
def test_the_number_of_queries_does_not_grow():
    site = Site()
    run = site.crawled(*(Got(f"{site.url}/{number}", depth=1) for number in range(3)), links=(site.url,))
    with CaptureQueriesContext(connection) as few:
        explain(f"{site.url}/1")
    factories.more_pages(Page.objects.filter(seed=run.seed).latest("pk"), 50)
    for number in range(5):
        site.crawled(
            Got(f"{site.url}/1", Outcome.UNCHANGED), seed=run.seed, at=NOW + timedelta(hours=number + 1)
        )
    with CaptureQueriesContext(connection) as many:
        explain(f"{site.url}/1")
    assert len(many) == len(few) <= 22


@pytest.mark.parametrize("text", ["", "a lamp", "lamp", "ftp://a.example/", "http://", "http://a b/", "\x00"])
def test_what_is_no_address_is_said_in_a_sentence(text: str):
    explanation = explain(text)
    assert (explanation.code, explanation.mark) == (Code.NOT_AN_ADDRESS, Mark.NO)
    assert explanation.verdict.endswith((".", "?"))


def test_a_password_is_not_repeated():
    assert "hunter2" not in repr(explain("https://me:hunter2@shop.example/").verdict)


def test_the_seed_that_has_the_page_speaks_first_and_one_may_be_chosen():
    site = Site()
    other, seed = site.seed(exclude="*shelf*"), site.seed()
    site.crawled(Got(site.url), seed=seed)
    both = explain(site.url)
    assert [told.seed for told in both.seeds] == [seed.pk, other.pk]
    assert (both.code, both.seeds[1].code) == ("stored", Code.EXCLUDED)
    assert explain(site.url, other).code == Code.EXCLUDED


def test_what_happens_next_and_what_would_have_to_change_is_said():
    site = Site()
    site.crawled(seed=site.seed(exclude="*/shelf/*", max_depth=0))
    (told,) = explain(site.url, now=NOW).seeds
    assert told.steps[-1].sentence == "Nothing: it is left out by each run, as long as this holds."
    assert [change.field for change in told.changes] == ["exclude", "max_depth"]
    stored = Site()
    stored.crawled(Got(stored.url))
    (told,) = explain(stored.url, now=NOW).seeds
    assert told.steps[-1].sentence == "The next run, due in 10 min, asks for it, if a page still leads to it."


@pytest.mark.every_database
@pytest.mark.django_db(transaction=True)
def test_what_a_crawl_did_is_what_is_explained(valkey: redis.Redis):
    with FakeWeb() as web:
        web.on("/robots.txt", Answer(body="User-agent: *\nDisallow: /no\n", content_type="text/plain"))
        links = ["/a", "/no/1", "/gone", "/x/cart", "/a/b/a/b/a/b/a/b", "http://elsewhere.test/"]
        web.on("/start", Answer(body="<p>words" + "".join(f"<a href='{link}'>x</a>" for link in links)))
        web.on("/a", Answer(body="<p>other words <a href='/deep'>x</a>"))
        web.on("/gone", Answer(status=404))
        crawl_seed(
            factories.make_web_seed(
                web, start_urls=f"{web.url}/start", use_sitemaps=False, max_depth=1, exclude="*/cart"
            ),
            valkey,
        )
        right = {
            "/start": "stored",
            "/a": "stored",
            "/no/1": Reason.ROBOTS,
            "/gone": "http_404",
            "/x/cart": Code.EXCLUDED,
            "/a/b/a/b/a/b/a/b": Limit.REPEATED_SEGMENTS,
            "/deep": Limit.DEPTH,
            "/no/2": Reason.ROBOTS,
        }
        requests = len(web.requests)
        told = {path: explain(f"{web.url}{path}") for path in right}
        assert {path: explanation.code for path, explanation in told.items()} == right
        assert len(web.requests) == requests, "an explanation asked the host"
    assert "Disallow: /no (line 2)" in told["/no/1"].verdict
    found = next(step for step in told["/gone"].seeds[0].steps if step.name == "found")
    assert found.facts["found_on"].endswith("/start")


@pytest.mark.every_database
def test_of_many_seeds_of_a_host_those_that_have_or_cover_it_speak():
    site = Site()
    having, covering = site.seed(scope="page"), site.seed()
    site.crawled(Got(site.url), seed=having)
    for number in range(52):
        site.seed(scope="page", start_urls=f"{site.root}{number}")
    explanation = explain(site.url)
    assert explanation.seeds[0].seed == having.pk
    assert len(explanation.seeds) + explanation.more == 54
    assert [told.seed for told in explain(site.url + "/x").seeds][0] == covering.pk
