"""The parts of the benches on which the figures rest: the web, the log of its server, the accounts of CPU."""

from __future__ import annotations

import math
import random
import re
import statistics
import subprocess
import sys
from itertools import islice

from benchmarks.chaos.bench import Outcome, add_rows
from benchmarks.chaos.faults import kinds, plan
from benchmarks.crawls.politeness import politeness_of, zipf_sizes
from benchmarks.crawls.throughput import UNCLEAR, _compare, _sample
from benchmarks.kit.cpu import tree, tree_cpu
from benchmarks.kit.measured_command import Command, Cost, run
from benchmarks.kit.report import Report
from benchmarks.kit.server import RequestLog
from benchmarks.kit.site import FANOUT, FIELDS, Web, path
from crawler.reading.reader import read_document
from tests.harness.rules import field_of, values_of

SPIN = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass\n"


def bodies(web: Web, site: int) -> list[str]:
    return [
        (web.bytes[slice(*page.own)] + web.bytes[slice(*page.prose)]).partition(b"\r\n\r\n")[2].decode()
        for page in web.sites[site].pages
    ]


def test_the_made_web_is_as_large_and_as_linked_as_said():
    web = Web([300, 40])
    pages = bodies(web, 0)
    assert min(map(len, pages)) >= 8_000
    assert max(map(len, pages)) <= 82_000
    assert 16_000 < statistics.median(map(len, pages)) < 23_000
    known = {path(number) for number in range(300)}
    for page in pages:
        hrefs = re.findall(r'<a [^>]*href="([^"]+)"', page)
        assert 40 <= len(hrefs) <= 42
        assert set(hrefs) <= known
    web.close()


def test_every_page_of_the_made_web_is_reached():
    web = Web([60])
    pages, reached, new = bodies(web, 0), {"/"}, ["/"]
    numbers = {path(number): number for number in range(60)}
    while new:
        found = set(re.findall(r'<a [^>]*href="([^"]+)"', pages[numbers[new.pop()]]))
        new += found - reached
        reached |= found
    assert reached == set(numbers)
    assert FANOUT > 1
    web.close()


def test_every_field_is_on_every_page():
    web = Web([5])
    fields = [field_of(name, "css", css) for name, css in FIELDS.items()]
    for page in bodies(web, 0):
        assert all(values_of(read_document(page.encode(), "text/html", ""), *fields).values())
    web.close()


def test_zipf_sizes_add_up():
    sizes = zipf_sizes(200, 400, 10_000)
    assert sizes[0] == 400
    assert sizes == sorted(sizes, reverse=True)
    assert abs(sum(sizes) - 10_000) < 100


def test_a_request_that_comes_too_early_is_seen():
    requests = RequestLog()
    for site, asked, answered in [
        (0, 0.0, 0.1),
        (1, 0.05, 0.06),
        (0, 1.1, 1.2),
        (0, 2.195, 2.2),
        (1, 1.07, 1.1),
    ]:
        requests.site.append(site)
        requests.asked.append(asked)
        requests.answered.append(answered)
    measured = politeness_of(requests, [3, 2], 1.0)
    assert measured.violations == 1
    assert abs(measured.smallest - 0.995) < 1e-9
    assert abs(measured.of_ideal - 2 / 2.195) < 1e-9


def test_a_job_is_charged_for_children_and_orphans(tmp_path):
    grandchild = SPIN.format(0.2)
    orphan = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {grandchild!r}])\n"
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {orphan!r}])\n" + SPIN.format(
        0.2
    )
    cost = run(Command([sys.executable, "-c", parent], tmp_path / "job"))
    assert 0.4 <= cost.cpu < 3
    assert cost.wall > 0


def test_the_cpu_of_a_tree_holds_what_ended_in_it():
    child = SPIN.format(0.2)
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])\n"
    code += "print(1, flush=True)\ninput()\n"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert tree_cpu(process.pid) >= 0.2
        assert [found.pid for found in tree(process.pid)] == [process.pid]
        process.communicate(b"\n")


def test_a_difference_within_the_noise_is_no_pace():
    few, many = Cost(30.0, 9.0, {}), Cost(30.5, 15.0, {})
    assert math.isnan(_sample(few, many, 2000).pace)
    report = Report("throughput", {})
    _compare(report, "times a peer", 8.0, [math.nan])
    assert report.rows[0].reached is None
    assert report.rows[0].figure == UNCLEAR
    assert _sample(few, Cost(50.0, 15.0, {}), 2000).pace == 100


def test_a_broken_promise_is_told_and_a_goal_is_missed():
    report = Report("chaos", {})
    found = Outcome({"FLUSHALL": 2}, ["run 7: 1 pages missing"], {"FLUSHALL": 1.5}, repeats=9, in_hand=8)
    add_rows(report, "sqlite", found)
    goals = {row.what: row.reached for row in report.rows if row.reached is not None}
    missed = ("promises broken", "requests repeated", "kills of a reader of the feed")
    assert goals == {f"sqlite: {what}": False for what in missed}
    assert "sqlite: run 7: 1 pages missing" in report.table()


def test_the_dice_decide_the_order_of_faults_and_each_comes_before_any_comes_again():
    def names(dice: int) -> list[str]:
        return [name for name, _ in islice(plan(random.Random(dice), postgres=True), len(every))]

    every = kinds(postgres=True)
    assert set(names(1)) == set(names(2)) == every > kinds(postgres=False)
    assert names(1) == names(1) != names(2)
