"""The text form of measures, Prometheus 0.0.4, and the same as plain data."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.watch.metrics import CONTENT_TYPE, Measure, exposition, plain

SAMPLE = re.compile(r'crawlbeat_queue\{name="((?:[^"\\\n]|\\["\\n])*)"\} 1')


def sample(value: float, **labels: str) -> str:
    """The last line of a measure's text."""
    return exposition([Measure("depth", "How deep.", [(labels, value)])]).splitlines()[-1]


def test_each_measure_is_explained_and_typed_before_its_samples():
    measures = [
        Measure("up", "Whether it is.", [({}, 1)]),
        Measure(
            "ends_total", "Ends.", [({"how": "a", "why": "b"}, 2), ({"how": "c", "why": ""}, 3)], "counter"
        ),
        Measure("nothing", "Without samples."),
    ]
    assert exposition(measures) == (
        "# HELP crawlbeat_up Whether it is.\n"
        "# TYPE crawlbeat_up gauge\n"
        "crawlbeat_up 1\n"
        "# HELP crawlbeat_ends_total Ends.\n"
        "# TYPE crawlbeat_ends_total counter\n"
        'crawlbeat_ends_total{how="a",why="b"} 2\n'
        'crawlbeat_ends_total{how="c",why=""} 3\n'
        "# HELP crawlbeat_nothing Without samples.\n"
        "# TYPE crawlbeat_nothing gauge\n"
    )
    assert "version=0.0.4" in CONTENT_TYPE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (123_456_789_012, "123456789012"),
        (1e-7, "1e-07"),
    ],
)
def test_a_number_is_written_short_and_whole(value, text):
    assert sample(value) == f"crawlbeat_depth {text}"


@pytest.mark.parametrize(
    ("value", "quoted"),
    [('say "a"', r"say \"a\""), ("a\\b", r"a\\b"), ("a\nb", r"a\nb"), ("a\\nb", r"a\\nb"), ("ä,}", "ä,}")],
)
def test_what_would_end_a_label_is_escaped(value, quoted):
    assert sample(1, name=value) == f'crawlbeat_depth{{name="{quoted}"}} 1'


@settings(deadline=None)
@given(st.text(max_size=20))
def test_a_label_can_be_read_back(value):
    """Names of workers come from hosts: whatever they hold, a sample stays one line."""
    text = exposition([Measure("queue", "Queue.", [({"name": value}, 1)])])
    match = SAMPLE.fullmatch(text.split("\n")[2])
    assert match is not None
    escapes = {r"\n": "\n", r"\"": '"', r"\\": "\\"}
    assert re.sub(r"\\.", lambda escape: escapes[escape[0]], match[1]) == value


def test_as_plain_data_a_measure_is_a_number_or_numbers_by_label():
    measures = [
        Measure("up", "", [({}, 1)]),
        Measure("depth", "", [({"queue": "a"}, 2), ({"queue": "b"}, 0)]),
        Measure("ends", "", [({"how": "failed", "why": "dns"}, 3)]),
        Measure("nothing", ""),
    ]
    assert plain(measures) == {"up": 1, "depth": {"a": 2, "b": 0}, "ends": {"failed dns": 3}, "nothing": 0}
