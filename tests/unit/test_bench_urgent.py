"""The parts of the urgent bench that read the log of the server."""

from __future__ import annotations

from benchmarks.kit.server import RequestLog
from benchmarks.urgent.bench import Ask, Outcome, pages_of, percentile, times_of, too_early


def test_urgent_work_is_timed_by_whether_its_host_was_free():
    requests = RequestLog()
    for host, asked, answered in [(1, 10.0, 10.1), (2, 99.5, 99.6), (2, 100.3, 100.4), (3, 99.9, 100.2)]:
        requests.site.append(host)
        requests.asked.append(asked)
        requests.answered.append(answered)
    asks = [Ask(0, 1, 0, 100.0), Ask(1, 2, 0, 100.0), Ask(2, 3, 0, 100.0, held=True), Ask(3, 4, 0, 100.0)]
    asks += [Ask(4, 5, 0, 100.0, held=True), Ask(5, 6, 0, 100.0, known=False)]
    came = {0: 100.2, 1: 101.7, 2: 101.3, 4: 100.4, 5: 100.5}
    seconds = times_of(Outcome(asks=asks), requests, came)
    assert [round(late, 6) for late in seconds.free + seconds.held + seconds.unknown] == [0.2, 0.4, 0.5]
    assert [round(late, 6) for late in seconds.waited] == [
        1.1,
        0.1,
    ]  # answered at 99.6 and 100.2, a second before
    assert (seconds.overtaken, seconds.twice, seconds.lost) == (1, 0, 1)
    ((host, asked, early),) = too_early(requests)
    assert (host, asked, round(early, 6)) == (2, 100.3, 0.3)


def test_the_backlog_of_the_urgent_bench_has_as_many_urls_as_said():
    assert sum(pages_of(host, 1_000_000, 10_000) for host in range(10_000)) == 1_000_000
    assert max(pages_of(host, 4_000, 400) for host in range(400)) == pages_of(1, 4_000, 400)
    assert (percentile(range(1, 101), 99), percentile([3.0], 99)) == (99, 3.0)
