"""What the machine must have: shared semaphores and enough memory, said before anything starts."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from embedded import machine
from embedded.errors import Trouble


def test_this_machine_will_do():
    machine.check_semaphores()
    assert machine.little_memory() is None


def test_without_dev_shm_it_is_said_what_is_missing(monkeypatch):
    class Bare:
        def Lock(self) -> None:  # noqa: N802  as multiprocessing has it
            raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(multiprocessing, "get_context", lambda method: Bare())
    with pytest.raises(Trouble, match="mount a tmpfs on /dev/shm"):
        machine.check_semaphores()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("max\n", None), ("9223372036854771712\n", None), ("402653184\n", "only 384 MB of memory"), ("", None)],
)
def test_a_limit_of_memory_that_is_too_low_is_said(monkeypatch, tmp_path: Path, content, sentence):
    (tmp_path / "limit").write_text(content)
    monkeypatch.setattr(machine, "_LIMITS", (str(tmp_path / "limit"), str(tmp_path / "missing")))
    told = machine.little_memory()
    assert told is None if sentence is None else told.startswith(sentence)
