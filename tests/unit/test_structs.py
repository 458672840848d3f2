"""Structs that many threads read for the first time at the same moment."""

from __future__ import annotations

import subprocess
import sys

from tests.harness.environment import ROOT

RACE = """
import sys, threading
from types import ModuleType
import msgspec
from crawler.structs import prepare_structs

sys.setswitchinterval(1e-6)
structs = ModuleType("structs")
sys.modules["structs"] = structs
structs.__dict__["__name__"] = "structs"
for number in range(40):
    exec(f'''
import msgspec
class Inner{number}(msgspec.Struct):
    texts: "list[str] | None"
    counts: "dict[str, int] | None" = None
class Outer{number}(msgspec.Struct):
    inner: "Inner{number} | None" = None
    others: "dict[str, list[Inner{number}]] | None" = None
''', structs.__dict__)
prepare_structs()
plain = {"inner": {"texts": ["a"]}, "others": {"b": [{"texts": None}]}}
for number in range(40):
    outer, barrier = getattr(structs, f"Outer{number}"), threading.Barrier(8)
    def read():
        barrier.wait()
        msgspec.convert(plain, outer)
    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_threads_may_read_a_struct_for_the_first_time_at_the_same_moment() -> None:
    done = subprocess.run([sys.executable, "-c", RACE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
