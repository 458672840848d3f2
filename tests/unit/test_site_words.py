"""The site's words for times, spans and reasons, and the numbers behind its charts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import Run, Seed
from crawler.outcomes import Limit, Outcome, Reason
from djsite.browse import charts
from djsite.browse.icons import PATHS
from djsite.browse.templatetags import browse
from djsite.desk import words
from tests.harness.environment import ROOT

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"), (0.4, "0 s"), (59.6, "1 min"), (90, "1 min 30 s"), (3600, "1 h"), (3601, "1 h"),
        (9000, "2 h 30 min"), (86400 * 3 + 7200, "3 d 2 h"), (86400 + 60, "1 d"), (-5, "0 s"),
    ],
)  # fmt: skip
def test_spans(seconds: float, said: str):
    assert words.span(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min"), (119, "1 min"), (86399, "23 h"), (86400 * 3 + 7200, "3 d"), (-5, "0 s")],
)
def test_rough_spans(seconds: float, text: str):
    assert words.rough_span(seconds) == text


@pytest.mark.parametrize(
    ("delta", "said"),
    [(0, "now"), (0.9, "now"), (5, "in 5 s"), (-150, "2 min ago"), (-86400 * 2, "2 d ago"), (7300, "in 2 h")],
)
def test_moments_seen_from_now(delta: float, said: str):
    assert words.ago(NOW + timedelta(seconds=delta), NOW) == said


def test_every_reason_and_limit_has_words():
    for code in (*Reason, *Limit):
        assert words.reason_words(code) != code.replace("_", " "), code
    assert words.reason_words("http_404") == "the server answered 404"
    assert words.reason_words("robots; 7 slots") == "robots.txt forbids it; 7 slots"
    assert words.reason_words("something_new") == "something new"
    assert words.reason_words(None) == ""


def run(state: str = Run.State.FINISHED, **counts: int) -> Run:
    return Run(pk=1, seed=Seed(pk=1), state=state, slot=NOW, **counts)


def test_segments_fill_the_bar_exactly():
    found = charts.outcome_segments(run(discovered=7, stored=3, failed=1, skipped=1))
    assert [(part.label, part.count) for part in found] == [
        ("stored", 3), ("failed", 1), ("skipped", 1), ("waiting", 2)
    ]  # fmt: skip
    assert sum(part.width for part in found) == pytest.approx(100, abs=0.01)
    assert [part.start for part in found] == pytest.approx([0, 42.857, 57.143, 71.429], abs=0.01)
    assert charts.outcome_segments(run()) == []


@pytest.mark.parametrize(
    ("of", "tone"),
    [
        (run(discovered=1, stored=1), "good"),
        (run(discovered=1, unchanged=1), "good"),
        (run(discovered=2, stored=1, failed=1), "warn"),
        (run(discovered=1, failed=1), "bad"),
        (run(discovered=1, skipped=1), "good"),
        (run(discovered=2, stored=1, skipped=1, reason="stopped"), "warn"),
        (run(Run.State.OPEN), "run"),
        (run(Run.State.PAUSED), "warn"),
        (run(Run.State.MISSED), "bad"),
        (run(Run.State.SKIPPED), "idle"),
        (run(Run.State.DUE), "idle"),
    ],
)
def test_the_tone_of_a_run_says_how_it_goes_or_went(of: Run, tone: str):
    assert charts.words_of(of).tone == tone


def test_the_strip_is_filled_from_the_right():
    bars = charts.run_bars([run(discovered=100, stored=100), run(discovered=1, stored=1)], 5)
    assert [bar.x // charts.STEP for bar in bars] == [3, 4]
    assert bars[0].height < bars[1].height == charts.HEIGHT
    assert all(bar.y + bar.height == charts.HEIGHT for bar in bars)
    assert len(charts.run_bars([run()] * 9, 5)) == 5


@pytest.mark.parametrize(("step", "number"), [(HOUR, 24), (MINUTE, 60)])
def test_columns_end_with_now_and_are_scaled_to_the_busiest(step: timedelta, number: int):
    tallies = {NOW: {"stored": 30, "failed": 10}, NOW - step: {"stored": 20, "failed": 0}}
    found = charts.columns(tallies, NOW, step)
    assert len(found) == number
    assert found[-1].begin == NOW
    assert [part[0] for part in found[-1].parts] == ["stored", "failed"]
    assert found[-1].parts[-1][2] == 0.0  # the busiest reaches the top
    assert found[-2].parts == [("stored", 20, 50.0, 50.0)]
    assert found[0].parts == []
    assert found[-1].x + found[-1].width <= 100


def test_charts_say_in_words_what_they_draw():
    crawled = run(discovered=3, stored=2, failed=1)
    assert browse.outcome_bar(crawled)["words"] == "2 stored, 1 failed"
    assert browse.outcome_bar(run())["words"] == "nothing yet"
    assert [bar.words for bar in charts.run_bars([crawled, run(discovered=1, stored=1)], 5)] == [
        f"{NOW:%Y-%m-%d %H:%M} UTC: finished, 1 address",
        f"{NOW:%Y-%m-%d %H:%M} UTC: finished, some failed, 3 addresses, 1 failed",
    ]
    earlier, last = charts.columns({NOW: {"stored": 30, "failed": 10}}, NOW, HOUR)[-2:]
    assert last.words == f"{NOW:%H:%M} UTC: 30 stored, 10 failed"
    assert earlier.words == f"{NOW - HOUR:%H:%M} UTC: nothing"


def test_numbers_and_sizes():
    assert browse.number(1234567) == "1\u202f234\u202f567"
    assert browse.number(None) == "0"
    assert [browse.size(count) for count in (0, 999, 1500, 250_000, 2_500_000, 7 * 10**12)] == [
        "0 B", "999 B", "1.5 kB", "250 kB", "2.5 MB", "7.0 TB"
    ]  # fmt: skip


def test_clocks_show_a_zone_and_seconds_only_where_there_are_some():
    assert ">Tue 10 Mar 2026, 21:00<" in browse.clock(NOW, "Asia/Tokyo")
    assert ">Tue 10 Mar 2026, 12:00:30<" in browse.clock(NOW + timedelta(seconds=30))
    assert browse.clock(None) == browse.ago(None) == browse.exact(None) == "–"


@pytest.mark.parametrize(
    ("name", "section"),
    [("seeds", "seed"), ("seed-run", "seed"), ("run-live", "run"), ("version-raw", "page"), (None, "")],
)
def test_every_address_belongs_to_a_section(name: str | None, section: str):
    assert browse.section(name) == section


def test_parts_of_addresses():
    assert browse.host("https://a.example:8080/x?y") == "a.example:8080"
    assert browse.path("https://a.example/x/y?z=1") == "/x/y?z=1"
    assert browse.first_host(Seed(start_urls="https://a.example/\nhttps://b.example/")) == "a.example +1"
    assert not browse.is_web("javascript:alert(1)")
    assert [browse.outcome(value) for value in (Outcome.STORED.value, None)] == ["stored", "waiting"]


def test_every_icon_that_a_template_names_exists():
    templates = ROOT / "djsite" / "browse" / "templates"
    named = {
        part.split('"')[0]
        for path in templates.rglob("*.html")
        for part in path.read_text(encoding="utf-8").split('{% icon "')[1:]
    }
    assert named <= PATHS.keys()
