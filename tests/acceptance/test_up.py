"""``up``: one process tree that says where it is, heals itself and leaves nothing behind."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
import redis

from tests.fakeweb import FakeWeb, linked_site, redirect
from tests.harness.embedded import Embedded, address_of
from tests.harness.processes import free_port
from tests.harness.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.timeout(400)

CHILDREN = {"valkey", "web", "beat", "worker-urgent", "worker-fetch", "worker-parse", "worker-store"}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A running ``up`` that the tests below share; none of them ends it."""
    one = Embedded(tmp_path_factory.mktemp("up"))
    one.process = one.up()
    yield one
    one.end()


@pytest.fixture
def own(tmp_path):
    """A data folder for one test."""
    own = Embedded(tmp_path)
    yield own
    own.end()


def test_it_says_where_everything_is(one):
    told = one.process.output()
    assert address_of(one.process).startswith("http://127.0.0.1:")
    assert f"data      {one.data}" in told
    assert f"logs      {one.data / 'logs'}" in told
    assert set(one.state()["children"]) == CHILDREN
    assert {path.stem for path in (one.data / "logs").glob("*.log")} == CHILDREN


def test_its_files_are_private(one):
    assert one.data.stat().st_mode & 0o777 == 0o700
    assert (one.data / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (one.data / "valkey.sock").stat().st_mode & 0o077 == 0
    assert not any(
        word in path.read_text() for path in (one.data / "logs").iterdir() for word in [password(one)]
    )


def password(one) -> str:
    return re.search(r"admin / (\S+)", one.process.output()).group(1)


def test_the_printed_password_opens_the_site(one):
    address = address_of(one.process)
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(address).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    form = {"username": "admin", "password": password(one), "csrfmiddlewaretoken": token}
    opener.open(f"{address}login/", urllib.parse.urlencode(form).encode())
    assert opener.open(f"{address}admin/").url == f"{address}admin/"


def test_the_site_asks_who_is_there(one):
    answer = urllib.request.urlopen(address_of(one.process))
    assert "login" in answer.url


def test_a_second_up_names_the_first(one):
    done = one.run("up", "--port", str(free_port()))
    assert done.returncode == 1
    assert str(one.process.pid) in done.stderr
    assert address_of(one.process) in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_said_plainly(one, own):
    port = address_of(one.process).rstrip("/").rpartition(":")[2]
    done = own.run("up", "--port", port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert done.stderr.count("\n") == 1
    own.leaves_nothing()


def test_a_port_that_another_program_listens_on_is_said_plainly(own):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        done = own.run("up", "--port", str(busy.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot listen" in done.stderr


def test_an_address_that_is_not_ours_is_said_plainly(own):
    done = own.run("up", "--host", "192.0.2.1")  # TEST-NET-1, nobody's
    assert done.returncode == 1
    assert "cannot listen on 192.0.2.1" in done.stderr


def test_status_shows_what_runs(one):
    wait_until(lambda: one.run("status").returncode == 0, 90, what="status finds all well")
    told = one.run("status").stdout
    for name in CHILDREN:
        assert name in told
    assert "lane urgent" in told
    found = json.loads(one.run("status", "--json").stdout)
    assert found["running"]
    assert found["problems"] == []
    assert found["keeper"]["pid"] == one.process.pid
    assert set(found["keeper"]["children"]) == CHILDREN


def test_the_doctor_finds_nothing_wrong(one):
    wait_until(lambda: one.run("doctor").returncode == 0, 90, what="the doctor finds all well")
    told = one.run("doctor").stdout
    assert (
        "Looked at: settings, Redis, database, tables, processes, work, promises, channels, archive." in told
    )
    assert told.endswith("All is well.\n")


def test_a_pattern_that_takes_years_elsewhere_takes_no_time(one):
    before = {name: child["pid"] for name, child in one.state()["children"].items()}
    with FakeWeb() as web:
        slow = "/x/" + "a" * 45 + "!"
        fields = {
            "name": "pattern", "start_urls": web.on("/start", redirect(slow)), "include": "re:/x/(a+)+$",
            "schedule": "manual", "delay": 0, "allow_networks": "127.0.0.0/8",
        }  # fmt: skip
        one.shell(
            "from catalog.models import Run, Seed; from catalog.clock import db_now\n"
            "from pipelines.runs import create_run; from scheduler import dispatch\n"
            f"seed = Seed.objects.create(**{fields!r})\n"
            "dispatch.open_run(create_run(seed, Run.Kind.COMMAND, db_now(), db_now()))"
        )
        failed = (
            "SELECT url, visit.reason FROM catalog_visit visit JOIN catalog_run run ON run.id = run_id "
            "JOIN catalog_seed seed ON seed.id = run.seed_id "
            "WHERE outcome = 4 AND seed.name = 'pattern' AND run.state = 'finished'"
        )
        wait_until(lambda: one.rows(failed), 100, what="the run of the pattern ends")
        # what a start URL redirects to is wanted, whatever the patterns
        assert one.rows(failed) == [(web.url + slow, "http_404")]
    assert {name: child["pid"] for name, child in one.state()["children"].items()} == before


def test_the_doctor_cannot_look_at_what_is_not_there(own):
    done = own.run("doctor", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["healthy"] is None
    assert "no database" in done.stderr
    assert not own.data.exists()


def test_status_of_a_folder_that_nobody_keeps(own):
    done = own.run("status")
    assert done.returncode == 3
    assert "not running" in done.stdout
    assert not own.data.exists()
    assert json.loads(own.run("status", "--json").stdout)["running"] is False


def test_valkey_comes_back_with_its_data(one):
    client = redis.Redis(unix_socket_path=str(one.data / "valkey.sock"))
    client.set("kept", "yes")
    before = one.child("valkey")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: one.child("valkey") not in {None, before}, 20)

    def kept():
        try:
            return client.get("kept")
        except redis.ConnectionError:
            return None

    assert wait_until(kept, 20) == b"yes"
    assert "valkey ended (signal 9)" in one.process.output()


@pytest.mark.parametrize("name", sorted(CHILDREN - {"valkey"}))
def test_a_killed_child_is_started_again(one, name):
    before = one.child(name)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: one.child(name) not in {None, before}, 30)
    wait_until(lambda: before not in one.left(), 5)


TITLES = """
import time
from pathlib import Path

def extract(page):
    begun, armed = (Path({folder!r}) / name for name in ("begun", "armed"))
    if armed.exists() and not begun.exists():
        begun.touch()
        time.sleep(60)
    yield {{"title": page.soup.title.get_text(){change}}}
"""  # when it is armed, it waits on the first page that it reads


def test_stored_pages_are_read_again_although_a_worker_is_killed(one):
    extractor = one.data / "extractors" / "titles.py"
    extractor.parent.mkdir(exist_ok=True)
    extractor.write_text(TITLES.format(folder=str(one.folder), change=""))
    collection = '{"name": "titles", "extractor": "titles"}'
    with FakeWeb(linked_site(pages=12)) as web:
        words = ["--allow-network", "127.0.0.0/8", "--delay", "0", "--name", "shop", "-o", "-"]
        crawled = one.run("crawl", f"{web.url}/", *words, "--collection", collection)
    assert crawled.returncode == 0, crawled.stderr
    ours = "FROM catalog_record WHERE collection = 'titles'"
    titles = f"""SELECT page_id, json_extract("values", '$.title') {ours} ORDER BY page_id"""
    before = one.rows(titles)
    assert len(before) >= 12
    extractor.write_text(TITLES.format(folder=str(one.folder), change=" + '!'"))
    (one.folder / "armed").touch()
    reading = one.start("reextract", "--seed", "shop", "--json")
    wait_until((one.folder / "begun").exists, 60)
    os.kill(one.child("worker-parse"), signal.SIGKILL)
    assert reading.popen.wait(100) == 0, reading.output()
    difference = json.loads(reading.output().splitlines()[-1])["difference"]["titles"]
    assert (difference["changed"], difference["new"], difference["gone"]) == (len(before), 0, 0)
    assert one.rows(titles) == before
    promoted = one.run("reextract", "--seed", "shop", "--promote")
    assert promoted.stdout.startswith("promoted: "), promoted.stderr
    assert one.rows(titles) == [(page, f"{title}!") for page, title in before]


def test_kill_9_leaves_nothing_and_the_next_up_goes_on(own):
    first = own.up()
    assert len(own.left()) > len(CHILDREN)  # prefork children and granian's worker too
    first.popen.kill()
    first.popen.wait()
    own.leaves_nothing()
    again = own.up()
    assert "admin /" not in again.output()
    assert f"CRAWLBEAT_DATA={own.data} ./crawlbeat manage changepassword admin" in again.output()
    stops_in_good_order(own, again, signal.SIGTERM)
    assert not (own.data / "up.json").exists()


def test_kill_9_while_it_starts_leaves_nothing(own):
    process = own.start("up", "--port", str(free_port()))
    wait_until(lambda: len(own.left()) > 3, 60)
    process.popen.kill()
    process.popen.wait()
    own.leaves_nothing()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGHUP])
def test_it_stops_in_good_order(own, signum):
    stops_in_good_order(own, own.up(), signum)


def stops_in_good_order(own, process, signum):
    began = time.monotonic()
    assert process.stop(signum) == 0
    assert time.monotonic() - began < 15 * PATIENCE
    own.leaves_nothing()
    assert process.output().rstrip().endswith("Stopped.")
    assert "ended" not in process.output()
