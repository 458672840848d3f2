"""No child is forked while a thread of the worker uses the database."""

from __future__ import annotations

import subprocess
import sys

from tests.harness import environment

PROGRAM = """
import os, sqlite3, sys, threading, warnings
from scheduler.process.fork_guard import no_fork

warnings.simplefilter("ignore")
path = sys.argv[1]
sqlite3.connect(path).execute("PRAGMA journal_mode=WAL")
begun = threading.Event()

def pulse():  # a sign of life that takes a while
    with no_fork():
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        begun.set()
        threading.Event().wait(0.5)
        connection.execute("COMMIT")
        connection.close()

thread = threading.Thread(target=pulse)
thread.start()
begun.wait()
child = os.fork()
if child == 0:
    try:
        sqlite3.connect(path, timeout=2).execute("CREATE TABLE written (x)")
    except sqlite3.OperationalError as error:
        print(error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
thread.join()
print(sqlite3.connect(path).execute("SELECT name FROM sqlite_master").fetchall())
"""


def test_a_child_forked_during_a_transaction_of_its_parent_can_write(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "db")],
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout == "[('written',)]\n"
