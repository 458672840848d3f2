"""Lanes and priorities as one number: the order of all work."""

from __future__ import annotations

from crawler.lanes import PRIORITIES, Lane, lane_of, rank_of, ranks_of, worst_rank


def test_ranks_order_work_by_lane_and_then_by_priority():
    best_first = [rank_of(lane, priority) for lane in Lane for priority in reversed(range(PRIORITIES))]
    assert best_first == list(range(30))


def test_a_rank_says_its_lane():
    for lane in Lane:
        assert {lane_of(rank_of(lane, priority)) for priority in range(PRIORITIES)} == {lane}
        assert {lane_of(rank) for rank in ranks_of(lane)} == {lane}


def test_the_worst_rank_of_a_lane_is_that_of_its_lowest_priority():
    assert [worst_rank(lane) for lane in Lane] == [rank_of(lane, 0) for lane in Lane] == [9, 19, 29]
