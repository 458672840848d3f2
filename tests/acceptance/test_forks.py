"""Children that the supervisor forks are held as those that it starts as programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.fork import CAN_FORK
from tests.fakeweb import FakeWeb, linked_site
from tests.harness.embedded import Embedded
from tests.harness.environment import ROOT
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="only Linux forks")

# A parent of its own, because pytest has threads. It runs the child of its argument and prints its id.
PARENT = """
import os, signal, subprocess, sys, time
from pathlib import Path
from embedded.supervisor import Service, Supervisor

def show():
    import json
    handlers = [str(signal.getsignal(n)) for n in (signal.SIGTERM, signal.SIGHUP)]
    print(json.dumps({
        "leads": os.getsid(0) == os.getpid(), "name": Path("/proc/self/comm").read_text().strip(),
        "variable": os.environ["VARIABLE"], "input": sys.stdin.read(), "handlers": handlers,
        "folder": os.getcwd(), "imports_from_there": "/" in sys.path, "wakeup": signal.set_wakeup_fd(-1),
    }))

def leave():
    sys.exit(7)

def fail():
    raise ValueError("no luck")

def parent():
    print(subprocess.Popen(["sleep", "600"]).pid)
    time.sleep(600)

signal.signal(signal.SIGTERM, lambda *_: None)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.chdir("/")
sys.path.insert(0, "/")
it = Supervisor(Path(sys.argv[1]), lambda line: print(line, flush=True), lambda: None)
it.start(Service("a-name-that-is-long", ["false"], {"VARIABLE": "value"}, globals()[sys.argv[2]]))
print(it.children["a-name-that-is-long"].process.pid, flush=True)
while True:
    time.sleep(0.02)
    it.tick()
"""


class Parent:
    """A supervisor in a process of its own with one forked child."""

    def __init__(self, folder: Path, child: str) -> None:
        self.log = folder / "a-name-that-is-long.log"
        command = [sys.executable, "-c", PARENT, str(folder), child]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.lines = self.process.stdout
        self.child = int(self.lines.readline())

    def output(self) -> str:
        return self.log.read_text()


@pytest.fixture
def start(tmp_path):
    parents = []

    def start(child: str) -> Parent:
        parents.append(Parent(tmp_path, child))
        return parents[-1]

    yield start
    for parent in parents:
        parent.process.kill()
        parent.process.communicate()


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_child_begins_as_a_program_does(start):
    parent = start("show")
    wait_until(lambda: "}" in parent.output(), 20)
    shown = json.loads(parent.output())
    assert shown.pop("handlers") == [str(signal.SIG_DFL), str(signal.SIG_IGN)]
    assert shown == {
        "leads": True,
        "name": "a-name-that-is-",
        "variable": "value",
        "input": "",
        "folder": str(ROOT),
        "imports_from_there": False,
        "wakeup": -1,
    }


@pytest.mark.parametrize(
    ("child", "how", "said"), [("leave", "status 7", ""), ("fail", "status 1", "ValueError: no luck")]
)
def test_its_end_is_told_with_its_exit_status(start, child, how, said):
    parent = start(child)
    assert f"a-name-that-is-long ended (exit {how}); starting it again in 0.5 s" in parent.lines.readline()
    assert said in parent.output()


def test_a_child_that_is_killed_takes_its_own_children_with_it(start):
    parent = start("parent")
    wait_until(lambda: "\n" in parent.output(), 20)
    grandchild = int(parent.output())
    os.kill(parent.child, signal.SIGKILL)
    assert "ended (signal 9)" in parent.lines.readline()
    wait_until(lambda: gone(grandchild), 5)


def test_a_child_ends_with_its_parent(start):
    parent = start("parent")
    wait_until(lambda: "\n" in parent.output(), 20)
    parent.process.kill()
    wait_until(lambda: gone(parent.child), 5)
    os.kill(int(parent.output()), signal.SIGKILL)


def test_a_child_does_not_hold_its_parents_lock(tmp_path):
    program = (
        "import os, sys, time; from pathlib import Path; from embedded.datadir import DataFolder;"
        "from embedded.fork import Fork, Order; folder = DataFolder(Path(sys.argv[1])); folder.prepare();"
        "assert folder.lock(); Fork(Order('child', lambda: time.sleep(600), folder.logs / 'child.log'));"
        "folder.unlock(); assert DataFolder(Path(sys.argv[1])).lock(); os._exit(0)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path / "data")], cwd=ROOT).returncode == 0


WITHOUT_FORKS = """
import sys
from embedded import fork
fork.CAN_FORK = False
from console.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_where_nothing_can_be_forked_the_same_programs_are_started(tmp_path):
    own = Embedded(tmp_path)
    with FakeWeb(linked_site(pages=3)) as web:
        words = ["crawl", "--data", str(own.data), f"{web.url}/", "--allow-network", "127.0.0.0/8"]
        command = [
            sys.executable,
            "-c",
            WITHOUT_FORKS,
            *words,
            "--delay",
            "0",
            "-o",
            str(tmp_path / "pages.jsonl"),
        ]
        done = subprocess.run(command, env=own.environment, cwd=tmp_path, capture_output=True, text=True)
    own.end()
    assert done.returncode == 0, done.stderr
