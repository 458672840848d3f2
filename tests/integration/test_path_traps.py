"""Crawler traps on the path: URLs without end cost a bounded number of fetches, and the run says why."""

from __future__ import annotations

import calendar
import itertools
import socket
from typing import Any

import pytest
import redis

from catalog.models import RunTemplate, Seed, Visit
from pipelines.frontier import limits
from tests.fakeweb import Answer, FakeWeb, Request
from tests.harness.path import Crawl, crawl_seed, links

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive")]
WORDS = ("alder", "birch", "cedar", "dogwood", "elm", "fir", "gum", "hazel", "ivy", "juniper", "larch", "oak")


class Endless:
    """A calendar of every month there will ever be, whose links carry a session id of their own."""

    def __init__(self) -> None:
        self.sessions = itertools.count(0xABC123)
        self.asked = 0

    def answer(self, request: Request) -> Answer | None:
        if request.path == "/":
            hrefs = [f"/article/{number}" for number in range(30)]
            return Answer(body=f"<h1>Start</h1>{links('/calendar/2031/5', *hrefs)}")
        if request.path.startswith("/article/"):
            number = int(request.path.rpartition("/")[2])
            return Answer(body=f"<p>Read about {WORDS[number % 12]} and {WORDS[number // 12]}.</p>")
        if request.path.startswith("/calendar/"):
            self.asked += 1
            return Answer(body=self._month(*map(int, request.path.split("/")[2:4])))
        return None

    def _month(self, year: int, month: int) -> str:
        after = (year + month // 12, month % 12 + 1)
        before = (year - (month == 1), (month - 2) % 12 + 1)
        session = next(self.sessions)
        days = " ".join(map(str, range(1, calendar.monthrange(year, month)[1] + 1)))
        hrefs = [f"/calendar/{y}/{m}?visit={session:x}" for y, m in (before, after)]
        return (
            f"<h1>{calendar.month_name[month]} {year}</h1><p>Nothing on. {days}</p>"
            f"<p>Before: {before[0]}-{before[1]:02}, after: {after[0]}-{after[1]:02}</p>"
            f"{links(*hrefs)}<p>You are visitor {session}.</p>"
        )


def test_an_endless_calendar_with_session_ids_is_left(
    web: FakeWeb, crawl: Crawl, valkey: redis.Redis
) -> None:
    web.site = trap = Endless()
    run = crawl(max_same_text=5)
    first = trap.asked
    assert first < 500
    assert run.stored == 31 + first
    assert run.limits["max_same_text"] > 0
    assert RunTemplate.objects.filter(closed=True).count() == 1
    crawl_seed(Seed.objects.get(), valkey)
    assert trap.asked - first < 500  # a second run goes no further


def test_one_page_under_endless_addresses_is_left(web: FakeWeb, crawl: Crawl, valkey: redis.Redis) -> None:
    count = itertools.count()

    def about(request: Request) -> Answer:
        number = next(count)
        return Answer(body=f"About us. {links(f'/about?v={number}a', f'/about?v={number}b')}", etag='"1"')

    web.on("/", Answer(body=links("/about?v=")))
    web.route("/about", about)
    run = crawl(max_same_text=10)
    assert run.stored < 100
    assert run.limits["max_same_text"] > 0
    again = crawl_seed(Seed.objects.get(), valkey)
    assert again.unchanged > 10
    assert again.discovered < 200


def test_pages_that_say_something_new_are_never_turned_away(web: FakeWeb, crawl: Crawl) -> None:
    """Templates alone prove nothing: a shop has them too. What says something new starts the count again."""

    def item(request: Request) -> Answer:
        number = int(request.path.rpartition("/")[2])
        text = f"{number} pieces of {WORDS[number % 12]}" if number % 7 == 0 else "Sold out."
        following = [f"/item/{n}" for n in range(4 * number + 1, 4 * number + 5) if n <= 100]
        return Answer(body=f"<p>{text}</p>{links(*following)}")

    web.on("/", Answer(body=links("/item/0")))
    for number in range(101):
        web.route(f"/item/{number}", item)
    run = crawl(max_same_text=30)
    assert run.stored == 102
    assert run.limits == {}


def test_a_template_opens_again_when_it_says_something_new(web: FakeWeb, crawl: Crawl) -> None:
    """Closed by what it said first; what it had queued by then says something new."""
    bodies = [f"<p>{'same' if number < 6 else number}" for number in range(10)]
    web.on("/", Answer(body=links(*(f"/p/{number}" for number in range(10)), "/more")))
    web.on("/more", Answer(body=links("/p/10"), delay=12.0))
    for number, body in enumerate(bodies):
        web.on(f"/p/{number}", Answer(body=body))
    web.on("/p/10", Answer(body="<p>the last"))
    run = crawl(max_same_text=4)
    assert run.stored == 13
    assert run.limits in ({}, {"max_same_text": 0})


def test_without_the_limit_texts_are_not_compared(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", Answer(body=links(*(f"/same/{number}" for number in range(40)))))
    for number in range(40):
        web.on(f"/same/{number}", Answer(body="<p>the same"))
    run = crawl(max_same_text=None)
    assert run.stored == 41
    assert not RunTemplate.objects.exists()
    assert not Visit.objects.exclude(text_signature=None).exists()


def test_paths_that_feed_on_themselves_end(web: FakeWeb, crawl: Crawl) -> None:
    count = itertools.count()

    def deeper(request: Request) -> Answer:
        return Answer(body=f"<p>{'new ' * next(count)}{links('a/b/', 'a/')}")

    class Deeper:
        def answer(self, request: Request) -> Answer | None:
            return None if request.path == "/robots.txt" else deeper(request)

    web.site = Deeper()
    run = crawl()
    assert run.limits["max_repeated_segments"] > 0
    assert run.stored == run.discovered < 60


def test_urls_that_grow_end(web: FakeWeb, crawl: Crawl) -> None:
    count = itertools.count()

    class Longer:
        def answer(self, request: Request) -> Answer | None:
            if request.path == "/robots.txt":
                return None
            query = request.target.partition("?")[2]
            return Answer(body=f"<p>{'new ' * next(count)}<a href='/?{query}&filter=red'>x</a>")

    web.site = Longer()
    run = crawl(max_url_length=200, max_same_text=None)
    assert run.limits == {"max_url_length": 1}
    assert 10 < run.stored < 20


def test_pages_of_one_host_are_limited(web: FakeWeb, crawl: Crawl) -> None:
    web.on("/", Answer(body=links(*(f"/p/{WORDS[number]}" for number in range(12)))))
    for word in WORDS:
        web.on(f"/p/{word}", Answer(body=f"<p>{word}{links(f'/q/{word}')}"))
        web.on(f"/q/{word}", Answer(body=f"<p>more {word}"))
    run = crawl(max_pages_per_host=15)
    assert (run.stored, run.discovered) == (15, 15)
    assert run.limits["max_pages_per_host"] == 10


def test_what_a_closed_template_has_in_its_queue_is_skipped(web: FakeWeb, crawl: Crawl) -> None:
    """At fifty pages a second, a hundred are loaded at once; before the next it is closed."""
    web.on("/", Answer(body=links(*(f"/shelf/{number}" for number in range(400)))))
    for number in range(400):
        web.on(f"/shelf/{number}", Answer(body="<p>Nothing here."))
    run = crawl(max_same_text=5, delay=0.02, per_host=1)
    skipped = Visit.objects.filter(run=run, reason="max_same_text").count()
    assert run.skipped == skipped > 150
    assert run.stored + skipped == 401


def babble(number: int) -> str:
    """A word for a number, without a digit."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


class Maze:
    """The same page under addresses that vary in the given parts, for ever."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts
        self.numbers = itertools.count(1)
        self.asked = 0

    def answer(self, request: Request) -> Answer | None:
        if request.path == "/robots.txt":
            return None
        self.asked += 1
        port = request.headers["host"].rpartition(":")[2]
        hrefs = [self._href(next(self.numbers), port) for _ in range(5)]
        return Answer(body=f"<p>You are lost.{links(*hrefs)}")

    def _href(self, number: int, port: str) -> str:
        word = babble(number)
        host = f"http://{word}.maze.test:{port}" if "host" in self.parts else ""
        path = {"words": f"/{word}", "deep": f"/{word}/{word[::-1]}", "digits": f"/x{number}"}
        paths = [path[part] for part in self.parts if part in path]
        return f"{host}{''.join(paths) or '/'}{f'?q={number}' if 'query' in self.parts else ''}"


@pytest.mark.parametrize(
    "parts",
    [
        *(("words",), ("deep",), ("digits",), ("query",), ("host",), ("digits", "query"), ("host", "words")),
        *(("host", "digits", "query"), ("words", "query"), ("deep", "query"), ("words", "digits")),
    ],
    ids="-".join,
)
def test_no_maze_is_endless_and_the_limit_is_named(
    parts: tuple[str, ...], web: FakeWeb, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.site = maze = Maze(*parts)
    lookup = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: Any, **more: Any) -> Any:
        return lookup("127.0.0.1" if host.endswith(".maze.test") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    start = f"http://www.maze.test:{web.port}/" if "host" in parts else f"{web.url}/"
    run = crawl(start_urls=start, scope="domain", max_same_text=5, delay=0)
    assert run.limits["max_same_text"] > 0
    assert maze.asked < 600


def test_a_domain_has_so_many_hosts_and_no_more(
    web: FakeWeb, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each host says something new, so only their number ends it."""
    monkeypatch.setattr(limits, "MAX_HOSTS", 20)
    lookup = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: lookup("127.0.0.1", *rest, **more))

    class Hosts:
        def answer(self, request: Request) -> Answer | None:
            if request.path == "/robots.txt":
                return None
            name, _, port = request.headers["host"].partition(":")
            hrefs = [f"http://{name.partition('.')[0]}{more}.maze.test:{port}/" for more in "ab"]
            return Answer(body=f"<p>{name}{links(*hrefs)}")

    web.site = Hosts()
    run = crawl(start_urls=f"http://x.maze.test:{web.port}/", scope="domain", delay=0)
    assert run.stored == 20
    assert run.limits["max_hosts"] > 0
