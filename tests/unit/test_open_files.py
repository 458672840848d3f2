"""The limit of open files is raised as far as it may be, and never lowered."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from crawler.open_files import OTHER_FILES, raise_limit, sockets


@pytest.fixture(autouse=True)
def few_files() -> Iterator[None]:
    """A soft limit as on macOS."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(("wanted", "limit"), [(300, 300), (100, 256)])
def test_a_process_may_open_as_many_files_as_it_needs(wanted, limit):
    raise_limit(wanted)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == limit


def test_the_hard_limit_is_the_end():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY:
        pytest.skip("there is no hard limit here")
    raise_limit(hard + 1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)


def test_of_few_files_half_is_left_for_others():
    assert sockets() == 128


def test_of_many_files_nearly_all_may_be_connections():
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 2000:
        pytest.skip("there are not so many here")
    raise_limit(2000)
    assert sockets() == 2000 - OTHER_FILES
