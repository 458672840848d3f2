"""Declarative refreshes by the steps of the HTML standard."""

from __future__ import annotations

import time

import pytest

from crawler.reading.refresh import read_refresh


@pytest.mark.parametrize(
    ("content", "refresh"),
    [
        ("0; url=/a", (0, "/a")),
        ("0;URL='/a'", (0, "/a")),
        ('5 , Url = "/a" rubbish', (5, "/a")),
        ("  3\n/a", (3, "/a")),
        ("0.9; /a", (0, "/a")),
        (".5;url=/a", (0, "/a")),
        ("1;'/a", (1, "/a")),
        ("1; urls/a", (1, "urls/a")),
        ("1; url /a", (1, "url /a")),
        ("30", (30, "")),
        ("30;", (30, "")),
        ("30; url=", (30, "")),
        ("0; url=/a b ", (0, "/a b ")),
        ("9" * 50 + ";/a", (999_999_999, "/a")),
    ],
)
def test_time_and_target(content: str, refresh: tuple[int, str]) -> None:
    assert read_refresh(content) == refresh


@pytest.mark.parametrize("content", ["", "url=/a", "soon; url=/a", "-1;/a", "0url=/a", "5x"])
def test_what_is_no_refresh(content: str) -> None:
    assert read_refresh(content) is None


def test_a_hostile_one_takes_linear_time() -> None:
    began = time.process_time()
    for hostile in ("1" * 200_000 + "x", " " * 200_000, "1" + " " * 200_000, "1;url" + " " * 200_000):
        read_refresh(hostile)
    assert time.process_time() - began < 1
