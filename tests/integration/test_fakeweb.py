"""The web of the tests is what its description says, or the tests built on it would prove nothing."""

from __future__ import annotations

import json
import re
import signal
import statistics
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from crawler.rules.urls import BadUrl, canonical_url, resolve
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.environment import ROOT

HREF = re.compile(r'href="([^"]*)"')


def links(html: str, base: str) -> set[str]:
    found = set()
    for href in HREF.findall(html):
        try:
            found.add(canonical_url(resolve(href, base)))
        except BadUrl:
            continue
    return found


@pytest.mark.parametrize("pages", [1, 2, 50, 500])
def test_every_page_is_reachable_and_none_besides(pages):
    site = linked_site(pages, seed=pages)
    base = "http://site.test"
    seen, waiting = {f"{base}/"}, [0]
    while waiting:
        number = waiting.pop()
        for url in links(site.html(number), base + site.path(number)):
            if url not in seen and url.startswith(base) and "/private/" not in url:
                seen.add(url)
                reached = site.page_of(url.removeprefix(base))
                assert reached is not None
                waiting.append(reached)
    assert seen == {base + path for path in site.paths}


def test_forbidden_and_foreign_pages_are_linked():
    site = linked_site(pages=30)
    every = set().union(*(links(site.html(number), "http://site.test/") for number in range(30)))
    assert any("/private/" in url for url in every)
    assert "http://elsewhere.invalid/" in every


def test_the_same_seed_gives_the_same_site():
    assert linked_site(9, seed=3).html(5) == linked_site(9, seed=3).html(5)
    assert linked_site(9, seed=3).html(5) != linked_site(9, seed=4).html(5)


def test_another_version_has_other_prices():
    site = linked_site(9)
    before = site.html(5)
    site.version += 1
    assert site.price(5) not in before
    assert site.html(5).replace(site.price(5), "") == re.sub(r"(?<=price\">)[\d.]+", "", before)


def test_web_sizes():
    site = linked_site(400, web_sizes=True, links=40)
    sizes = [len(site.html(number)) for number in range(400)]
    assert min(sizes) >= 7_000
    assert max(sizes) <= 82_000
    assert 15_000 < statistics.median(sizes) < 23_000


def test_the_log_tells_when_a_request_began_and_its_answer_ended():
    with FakeWeb(linked_site(3)) as web:
        url = web.on("/slow", Answer(body="x", delay=0.05))
        urllib.request.urlopen(url).read()
    (record,) = web.requests
    assert record.finished is not None
    assert record.finished - record.started >= 0.05
    assert (record.path, record.method, record.status) == ("/slow", "GET", 200)


def test_it_runs_by_itself(tmp_path: Path):
    log = tmp_path / "log"
    command = [sys.executable, "-m", "tests.fakeweb", "--pages", "5", "--port", "0", "--log", str(log)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        url = child.stdout.readline().strip()
        assert b"Page 4" in urllib.request.urlopen(f"{url}/p/4").read()
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
        child.stdout.close()
    (line,) = log.read_text().splitlines()
    assert json.loads(line)["path"] == "/p/4"
