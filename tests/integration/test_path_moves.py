"""Where pages lead, on the path: redirects to other sites and folders, refreshes, frames, cookies, depth."""

from __future__ import annotations

import pytest
import redis

from catalog.models import Run
from tests.factories import make_web_seed
from tests.fakeweb import Answer, FakeWeb, Request, linked_site, redirect
from tests.harness.path import Crawl, crawl_seed, links, outcomes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]


def refresh(content: str) -> Answer:
    return Answer(body=f'<meta http-equiv="refresh" content="{content}"><p>{content}')


def ends(run: Run, web: FakeWeb) -> dict[str, str]:
    """The outcome of each visit, or its reason, by path."""
    return {url.removeprefix(web.url): reason or end for url, (end, reason) in outcomes(run).items()}


@pytest.mark.parametrize("scope", ["page", "prefix", "host", "domain"])
def test_of_a_site_to_which_the_start_url_was_moved_one_page_is_visited(
    web: FakeWeb, crawl: Crawl, scope: str
) -> None:
    with FakeWeb(linked_site(pages=20), host="127.0.0.2") as platform:
        web.on("/club", redirect(f"{platform.url}/p/1"))
        run = crawl(start_urls=f"{web.url}/club", scope=scope)
        assert [seen.path for seen in platform.requests if seen.path != "/robots.txt"] == ["/p/1"]
        assert (run.redirected, run.stored) == (1, 1)
        assert "another site" in run.warnings[0]


@pytest.mark.parametrize("start", ["/docs", "/guide"])
def test_a_prefix_is_the_folder_to_which_the_start_url_leads(web: FakeWeb, crawl: Crawl, start: str) -> None:
    web.on(start, redirect("/docs/"))
    web.on("/docs/", Answer(body=links("/docs/a", "/shop/")))
    web.on("/docs/a", Answer(body=links("/", "/docs/b")))
    web.on("/docs/b", Answer(body="<p>b"))
    web.on("/shop/", Answer(body="<p>shop"))
    run = crawl(start_urls=web.url + start, scope="prefix")
    stored = {path for path, end in ends(run, web).items() if end == "stored"}
    assert stored == {"/docs/", "/docs/a", "/docs/b"}
    assert run.out_of_scope_sample == [f"{web.url}/shop/", f"{web.url}/"]


def test_refreshes_are_followed_and_a_page_that_refreshes_itself_is_visited_once(
    web: FakeWeb, crawl: Crawl
) -> None:
    web.on("/", Answer(body=links("/now", "/later", "/clock", "/old")))
    web.on("/now", refresh("0; url=/new"))
    web.on("/later", refresh("5; url=/new/2"))
    web.on("/clock", refresh("10"))
    web.on("/old", Answer(body="<p>moved", headers=(("Refresh", "0;url=/new/3"),)))
    for path in ("/new", "/new/2", "/new/3"):
        web.on(path, Answer(body=f"<p>{path}"))
    run = crawl()
    assert ends(run, web) == {
        "/": "stored",
        "/now": "redirected",
        "/later": "stored",
        "/clock": "stored",
        "/old": "redirected",
        "/new": "stored",
        "/new/2": "stored",
        "/new/3": "stored",
    }
    assert len([seen for seen in web.requests if seen.path == "/clock"]) == 1


def test_a_start_page_that_refreshes_to_another_site_leads_to_one_page_there(
    web: FakeWeb, crawl: Crawl
) -> None:
    with FakeWeb(linked_site(pages=20), host="127.0.0.2") as platform:
        web.on("/", refresh(f"0; url={platform.url}/p/1"))
        run = crawl()
        assert (run.redirected, run.stored) == (1, 1)
        assert [seen.path for seen in platform.requests if seen.path != "/robots.txt"] == ["/p/1"]


def test_pages_that_refresh_to_each_other_end(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", refresh("0; url=/a"))
    web.on("/a", refresh("0; url=/"))
    run = crawl()
    assert (run.discovered, len(web.requests)) == (2, 3)


def test_frames_and_other_languages_are_visited(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", Answer(body="<frameset><frame src=/menu><frame src=/main></frameset>"))
    web.on("/menu", Answer(body="<iframe src=/inner></iframe>"))
    web.on("/main", Answer(body="<link rel=alternate hreflang=de href=/de/>"))
    web.on("/inner", Answer(body="<p>inner"))
    web.on("/de/", Answer(body="<p>deutsch"))
    assert crawl().stored == 5


def walled(request: Request, *, to: str = "", path: str = "/") -> Answer:
    """A page for those who show the cookie; others get it, and are sent on."""
    if "seen=1" in request.headers.get("cookie", ""):
        return Answer(body=f"<p>{request.path}")
    cookie = ("Set-Cookie", f"seen=1; Path={path}; HttpOnly")
    return Answer(302, headers=(cookie, ("Location", to or request.target)))


def test_a_page_that_redirects_to_itself_until_it_sees_its_cookie_is_stored(
    web: FakeWeb, crawl: Crawl
) -> None:
    web.route("/", walled)
    run = crawl()
    assert ends(run, web) == {"/": "stored"}
    assert len([seen for seen in web.requests if seen.path == "/"]) == 2
    assert "cookie" not in web.requests[0].headers


@pytest.mark.parametrize("check", ["/?cookieSet=1", "/check"])
def test_a_page_that_sends_for_a_cookie_check_and_back_is_stored(
    web: FakeWeb, crawl: Crawl, check: str
) -> None:
    def start(request: Request) -> Answer:
        return redirect("/") if request.target == check else walled(request, to=check)

    web.route("/", start)
    web.on("/check", redirect("/"))
    run = crawl()
    assert ends(run, web) == {"/": "stored", check: "redirected"}
    assert len([seen for seen in web.requests if seen.path != "/robots.txt"]) == 3


def test_the_cookie_of_the_start_page_is_shown_to_the_others_of_its_host_only(
    web: FakeWeb, crawl: Crawl
) -> None:
    with FakeWeb(host="127.0.0.2") as other:
        other.on("/x", Answer(body="<p>x"))
        body = links("/a", "/b", f"{other.url}/x")
        web.on("/", Answer(body=body, headers=(("Set-Cookie", "seen=1; Path=/"),)))
        for path in ("/a", "/b"):
            web.route(path, lambda request: walled(request, to="/"))
        run = crawl(start_urls=f"{web.url}/\n{other.url}/x")
        assert run.stored == 4
        assert not any("cookie" in seen.headers for seen in other.requests)
        assert not any("cookie" in seen.headers for seen in web.seen("/robots.txt"))


def test_servers_that_set_cookies_and_redirect_for_ever_are_left(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", redirect_with_cookie("/"))
    web.on("/a", redirect_with_cookie("/b"))
    web.on("/b", redirect_with_cookie("/a"))
    run = crawl(start_urls=f"{web.url}/\n{web.url}/a")
    assert ends(run, web)["/"] == "redirect_loop"
    assert ends(run, web)["/a"] in {"redirected", "redirect_loop"}
    assert len(web.requests) < 12


def redirect_with_cookie(location: str) -> Answer:
    return Answer(302, headers=(("Location", location), ("Set-Cookie", "a=1")))


def test_a_second_run_and_a_seed_with_cookies_of_its_own_begin_without(
    web: FakeWeb, crawl: Crawl, valkey: redis.Redis
) -> None:
    web.on("/", Answer(body=links("/a"), headers=(("Set-Cookie", "server=1; Path=/"),)))
    web.on("/a", Answer(body="<p>a"))
    crawl()
    assert [seen.headers.get("cookie") for seen in web.requests[1:]] == [None, "server=1"]
    crawl(headers="Cookie: own=1")
    assert [seen.headers.get("cookie") for seen in web.requests[-2:]] == ["own=1", "own=1"]


def test_a_shorter_way_that_was_found_late_counts(web: FakeWeb, crawl: Crawl) -> None:
    """/a fails once. By /b it comes to /x at the limit; by /a that is nearer, and so is what is behind."""
    web.on("/", Answer(body=links("/a", "/b")))
    web.on("/a", Answer(500), Answer(body=links("/x")))
    web.on("/b", Answer(body=links("/c")))
    web.on("/c", Answer(body=links("/x", "/old")))
    web.on("/old", redirect("/x"))
    web.on("/x", Answer(body=links("/y")))
    web.on("/y", Answer(body=links("/z")))
    run = crawl(max_depth=3)
    assert depths(run, web) == {"/": 0, "/a": 1, "/b": 1, "/c": 2, "/x": 2, "/old": 3, "/y": 3}


def test_what_is_behind_a_redirect_comes_nearer_with_it(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", Answer(body=links("/a", "/b")))
    web.on("/a", Answer(500), Answer(body=links("/old")))
    web.on("/b", Answer(body=links("/c")))
    web.on("/c", Answer(body=links("/old")))
    web.on("/old", redirect("/new"))
    web.on("/new", Answer(body=links("/y")))
    web.on("/y", Answer(body="<p>y"))
    run = crawl(max_depth=3)
    assert ends(run, web)["/y"] == "stored"


NEXT = {"name": "items", "items": {"css": "li"}, "fields": [{"name": "name", "css": "a"}]}


def list_page(number: int, following: str = "") -> Answer:
    """A page of a list with one item; the next page is where ``following`` leads."""
    more = f'<a rel="next" href="{following}">More</a>' if following else ""
    return Answer(body=f'<ul><li><a href="/item/{number}">Item {number}</a></ul>{more}')


def depths(run: Run, web: FakeWeb) -> dict[str, int]:
    return {url.removeprefix(web.url): depth for url, depth in run.visits.values_list("url", "depth")}


def test_the_next_pages_of_a_list_are_no_deeper_than_the_list(web: FakeWeb, valkey: redis.Redis) -> None:
    """However long the list is; what its items lead to is beyond the depth, also when nothing has changed."""
    pages = {"/": 0, "/list/2": 0, "/list/3": 0, "/list/4": 0}
    for number, path in enumerate(pages, 1):
        web.on(path, list_page(number, f"/list/{number + 1}" if number < len(pages) else ""))
        web.on(f"/item/{number}", Answer(body=links(f"/beyond/{number}")))
    rules = [NEXT | {"next": {"css": "a[rel=next]"}}]
    seed = make_web_seed(web, fields=[], collections=rules, max_depth=1)
    for counter in ("stored", "unchanged"):
        run = crawl_seed(seed, valkey)
        assert depths(run, web) == pages | {f"/item/{number}": 1 for number in range(1, 5)}
        assert getattr(run, counter) == 8
        assert run.limits == {"max_depth": 4}


def test_a_list_without_end_goes_on_until_a_page_has_no_items_or_a_limit_acts(
    web: FakeWeb, crawl: Crawl
) -> None:
    for number in range(1, 5):
        web.on(f"/list/{number}", list_page(number))
    web.on("/list/5", Answer(body="<p>nothing more"))
    rules = [NEXT | {"next": {"url": "/list/+1"}}]
    common = {"start_urls": f"{web.url}/list/1", "fields": [], "collections": rules, "max_depth": 0}
    assert depths(crawl(**common), web) == {f"/list/{number}": 0 for number in range(1, 6)}
    few = crawl(**common, max_pages=2)
    assert (few.stored, "max_pages" in few.limits) == (2, True)
