"""The supervisor: restarts with back-off, stops in order, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embedded import supervisor as module
from embedded.supervisor import Service, Supervisor, rotate
from scheduler.process.lifeline import KEEPER, VARIABLE
from tests.harness.environment import ROOT
from tests.harness.waiting import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]


def alive(pid: int) -> bool:
    """Running, and not a zombie, which ``kill -0`` would call alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Watched:
    """A supervisor that is ticked, and what it said."""

    def __init__(self, logs):
        self.said: list[str] = []
        self.changes = 0
        self.it = Supervisor(logs, self.said.append, self._changed)

    def _changed(self):
        self.changes += 1

    def until(self, done, timeout=20):
        def look():
            self.it.tick()
            return done()

        wait_until(look, timeout)

    def pid(self, name):
        process = self.it.children[name].process
        return process.pid if process is not None and process.poll() is None else None


@pytest.fixture
def watched(tmp_path):
    watched = Watched(tmp_path)
    yield watched
    watched.it.stop(hurry=lambda: True)


def test_a_child_that_dies_is_started_again_and_its_death_is_told(watched):
    deaths = []
    watched.it.start(Service("sleeper", SLEEP, on_death=lambda: deaths.append(1)))
    first = watched.pid("sleeper")
    os.kill(first, signal.SIGKILL)
    watched.until(lambda: watched.pid("sleeper") not in {None, first})
    assert deaths == [1]
    assert watched.it.children["sleeper"].restarts == 1
    assert "sleeper ended (signal 9); starting it again in 0.5 s" in watched.said[0]
    assert watched.changes == 3  # started, died, started


def test_restarts_back_off_and_forgive(watched, monkeypatch):
    monkeypatch.setattr(module, "FIRST_DELAY", 0.01)
    watched.it.start(Service("flapping", ["false"]))
    child = watched.it.children["flapping"]
    child.delay = 0.01
    watched.until(lambda: child.restarts >= 4)
    delays = [line.partition("again in ")[2].split()[0] for line in watched.said[:4]]
    assert delays == ["0.01", "0.02", "0.04", "0.08"]
    child.started = time.monotonic() - module.PROVEN_AFTER - 1
    before = len(watched.said)
    watched.until(lambda: len(watched.said) > before)
    assert "again in 0.01 s" in watched.said[before] or "again in 0.16 s" in watched.said[before]


def test_what_a_child_prints_is_in_its_log(watched):
    watched.it.start(Service("talker", [sys.executable, "-c", "print('hello')"]))
    watched.until(lambda: "hello" in watched.it.log_of("talker").read_text())


def test_stages_stop_from_the_highest(watched, tmp_path):
    note = tmp_path / "order"
    program = (
        "import signal, sys, time\n"
        f"def stop(*_): open({str(note)!r}, 'a').write(sys.argv[1]); sys.exit()\n"
        "signal.signal(15, stop); print('ready', flush=True); time.sleep(600)"
    )
    for name, stage in (("a", 0), ("b", 1), ("c", 2)):
        watched.it.start(Service(name, [sys.executable, "-c", program, name], stage=stage))
    watched.until(lambda: all("ready" in watched.it.log_of(name).read_text() for name in "abc"))
    watched.it.stop()
    assert note.read_text() == "cba"


def test_a_child_that_does_not_listen_is_killed_after_its_grace(watched):
    watched.it.start(Service("deaf", STUBBORN, grace=0.3))
    watched.until(lambda: "deaf" in watched.it.log_of("deaf").read_text())
    pid = watched.pid("deaf")
    began = time.monotonic()
    watched.it.stop()
    assert time.monotonic() - began >= 0.3
    assert not alive(pid)


def test_a_second_request_to_stop_does_not_wait(watched):
    watched.it.start(Service("deaf", STUBBORN, grace=3600))
    watched.until(lambda: "deaf" in watched.it.log_of("deaf").read_text())
    watched.it.stop(hurry=lambda: True)  # else the test runs out of time


def test_grandchildren_end_with_their_parent(watched):
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('pid', child.pid, flush=True); time.sleep(600)"
    )
    watched.it.start(Service("parent", [sys.executable, "-c", program]))
    log = watched.it.log_of("parent")
    watched.until(lambda: "pid" in log.read_text())
    grandchild = int(log.read_text().split()[1])
    os.kill(watched.pid("parent"), signal.SIGKILL)
    watched.until(lambda: not alive(grandchild))


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from embedded.supervisor import Service, Supervisor\n"
        "it = Supervisor(Path(sys.argv[1]), print, lambda: None)\n"
        "it.start(Service('a', ['sleep', '600']))\n"
        "print(it.children['a'].process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert done.returncode == -signal.SIGKILL
    wait_until(lambda: not alive(int(done.stdout)), 5)


def test_a_process_that_loads_while_its_keeper_dies_does_not_stay(tmp_path):
    keeper = subprocess.Popen(["true"])
    keeper.wait()
    program = "from scheduler.process.lifeline import *; die_with_parent_if_asked(); print('lives')"
    environment = {**os.environ, VARIABLE: "1"}
    for pid, expected in ((os.getpid(), 0), (keeper.pid, -signal.SIGKILL)):
        environment[KEEPER] = str(pid)
        done = subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT)
        assert done.returncode == expected


def test_logs_are_rotated_while_they_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOG_BYTES", 10)
    log = tmp_path / "x.log"
    with log.open("ab", buffering=0) as writer:
        for number in range(6):
            writer.write(b"a line of number %d\n" % number)
            rotate(log)
        writer.write(b"short\n")
        rotate(log)
    assert log.read_bytes() == b"short\n"
    kept = {path.name: path.read_bytes()[-2:-1] for path in tmp_path.glob("x.log.*")}
    assert kept == {"x.log.1": b"5", "x.log.2": b"4", "x.log.3": b"3"}
