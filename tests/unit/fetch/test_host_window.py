"""The window of a leased host: the best visits first, none lost, none loaded twice."""

from __future__ import annotations

from crawler.lanes import Lane
from pipelines.fetch.host_window import HostWindow
from tests.unit.fetch.parts import BULK, NORMAL, URGENT, make_due, make_version


def filled(*ids: int, rank: int = NORMAL) -> HostWindow:
    window = HostWindow()
    window.fill([make_due(pk, rank) for pk in ids], {}, window.hints)
    return window


def taken(window: HostWindow) -> list[int]:
    """The visits that are taken one after the other until none waits."""
    ids = []
    while due := window.take():
        ids.append(due.id)
    return ids


def test_visits_are_taken_in_the_order_in_which_they_were_loaded():
    assert taken(filled(3, 1, 2)) == [3, 1, 2]


def test_a_visit_is_in_hand_until_it_is_handed_over():
    window = filled(1, 2)
    window.take()
    assert window.in_hand == {1, 2}
    window.let_go(1)
    assert window.in_hand == {2}
    window.let_go(1)  # once more does no harm
    assert window.in_hand == {2}


def test_a_visit_is_unsent_from_the_moment_it_is_taken():
    window = filled(1, 2)
    assert not window.unsent  # nobody has asked for it: it may stay in the frontier
    window.take()
    assert window.unsent
    window.let_go(1)
    assert not window.unsent


def test_the_last_version_of_a_page_is_there_for_its_visit_alone():
    window = HostWindow()
    window.fill([make_due(1), make_due(2)], {1: make_version()}, 0)
    first, second = window.take(), window.take()
    assert (window.version_of(first), window.version_of(second)) == (make_version(), None)


def test_it_wants_visits_while_it_is_empty_and_there_may_be_some():
    window = HostWindow()
    assert window.wants_visits
    window.fill([make_due(1)], {}, window.hints)
    assert not window.wants_visits
    window.take()
    assert window.wants_visits
    window.fill([], {}, window.hints)
    assert window.dry
    assert not window.wants_visits
    window.look_again()
    assert window.wants_visits


def test_a_hint_that_came_during_a_refill_is_not_lost():
    """The refill may have looked before the work was admitted."""
    window = HostWindow()
    hints = window.hints
    window.look_again()
    window.fill([], {}, hints)
    assert not window.dry


def test_better_work_sends_the_visits_of_a_lesser_lane_back():
    window = filled(1, 2, 3, rank=BULK)
    window.take()
    window.make_room_for(Lane.NORMAL)
    assert window.take() is None
    assert window.in_hand == {1}  # that was taken; a refill may load the others again
    assert window.wants_visits


def test_work_of_the_same_lane_or_a_lesser_one_changes_nothing():
    window = filled(1, 2)
    window.make_room_for(Lane.NORMAL)
    window.make_room_for(Lane.BULK)
    assert taken(window) == [1, 2]


def test_a_page_that_comes_back_after_making_room_is_not_compared_with_what_was_known_before():
    window = HostWindow()
    window.fill([make_due(1, BULK)], {1: make_version()}, 0)
    window.make_room_for(Lane.URGENT)
    window.fill([make_due(1, BULK)], {}, 0)  # its last version has been pruned meanwhile
    due = window.take()
    assert window.version_of(due) is None


def test_it_is_urgent_from_the_announcement_until_a_refill_finds_nothing():
    window = filled(1, rank=URGENT)
    assert not window.urgent
    window.make_room_for(Lane.URGENT)
    assert window.urgent
    window.take()
    window.fill([make_due(2, URGENT)], {}, window.hints)
    assert window.urgent
    window.take()
    hints = window.hints
    window.look_again()
    window.fill([], {}, hints)
    assert window.urgent  # a hint came meanwhile: there may be more
    window.fill([], {}, window.hints)
    assert not window.urgent


def test_work_of_other_lanes_is_not_urgent():
    window = HostWindow()
    window.make_room_for(Lane.NORMAL)
    assert not window.urgent
