"""Lanes as Celery queues: their names, and the order in which a worker is given work."""

from __future__ import annotations

from itertools import pairwise, product

from crawler.lanes import PRIORITIES, Lane, lane_of, rank_of
from scheduler.queues import CONTROL, PRIORITY_STEPS, QUEUE_NAMES, QUEUES, Stage, celery_priority, queue_name

RANKS = range(len(Lane) * PRIORITIES)


def test_each_stage_has_a_queue_in_each_lane():
    assert queue_name(Stage.PARSE, Lane.URGENT) == "parse.urgent"
    assert queue_name(Stage.FETCH, Lane.BULK) == "fetch.bulk"
    names = {queue_name(stage, lane) for stage, lane in product(Stage, Lane)}
    assert set(QUEUE_NAMES) == names | {CONTROL}
    assert len(QUEUE_NAMES) == len(set(QUEUE_NAMES)) == 10


def test_the_broker_knows_the_queues_by_these_names():
    assert [queue.name for queue in QUEUES] == QUEUE_NAMES
    assert {queue.routing_key for queue in QUEUES} <= {"", *QUEUE_NAMES}


def test_work_that_goes_first_is_given_out_no_later():
    assert all(celery_priority(rank) <= celery_priority(worse) for rank, worse in pairwise(RANKS))


def test_no_work_of_a_lane_stands_before_that_of_a_better_lane():
    for better, lane in pairwise(Lane):
        worst = celery_priority(rank_of(better, 0))
        assert worst < celery_priority(rank_of(lane, PRIORITIES - 1))


def test_each_lane_has_three_steps():
    for lane in Lane:
        steps = [celery_priority(rank) for rank in RANKS if lane_of(rank) == lane]
        first = lane * 3
        assert steps == [first] * 4 + [first + 1] * 3 + [first + 2] * 3


def test_the_last_step_of_the_broker_is_left_for_what_can_wait_for_everything():
    steps = {celery_priority(rank) for rank in RANKS}
    assert steps == set(PRIORITY_STEPS) - {max(PRIORITY_STEPS)}
