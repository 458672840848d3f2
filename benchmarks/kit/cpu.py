"""CPU time of whole process trees, from /proc (Linux), and the exact sum of a command once it has ended.

A live process counts with its own time and that of the children it has waited for. A command runs below a
small process that adopts its orphans, so that no time is lost: in the end that process has waited for every
process of the tree.
"""

from __future__ import annotations

import ctypes
import os
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Process:
    """What /proc says about a process; times in seconds, memory in bytes."""

    pid: int
    parent: int
    own: float  # user and system
    children: float  # of those that have ended and were waited for
    rss: int


def processes() -> Iterator[Process]:
    """Every process of the machine that can be read."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (process := _read(folder)):
            yield process


def _read(folder: Path) -> Process | None:
    try:
        stat = (folder / "stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    times = [int(value) / TICKS for value in fields[11:15]]
    return Process(
        pid=int(folder.name),
        parent=int(fields[1]),
        own=times[0] + times[1],
        children=times[2] + times[3],
        rss=int(fields[21]) * PAGE,
    )


def tree(root: int) -> list[Process]:
    """A process and all its descendants."""
    children: dict[int, list[Process]] = defaultdict(list)
    members = []
    for process in processes():
        children[process.parent].append(process)
        if process.pid == root:
            members.append(process)
    for process in members:  # the list grows while the loop reads it
        members += children[process.pid]
    return members


def tree_cpu(root: int) -> float:
    """Seconds of CPU that a tree has used so far, its ended members included."""
    return sum(process.own + process.children for process in tree(root))


def tree_pss(root: int) -> int:
    """Bytes of memory of a tree: a page that several processes share counts for each with its part."""
    return sum(_pss(process.pid) for process in tree(root))


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has ended
        return 0
    line = next((line for line in text.splitlines() if line.startswith("Pss:")), "Pss: 0")
    return int(line.split()[1]) * 1024


def idle_seconds() -> float:
    """Seconds that the machine's cores have been idle so far, all of them together."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return sum(int(value) for value in fields[4:6]) / TICKS


def adopt_orphans() -> None:
    """From now on, descendants whose parent ends become children of this process."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def wait_for_all() -> None:
    """Wait for every child, adopted ones included."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


@dataclass
class Role:
    """The processes of one kind within a tree: their CPU seconds, and the largest size of one of them."""

    seconds: float = 0.0
    rss: int = 0


@dataclass
class Watch:
    """Samples a tree in a thread, for the cost of each kind of process: name or command line show it."""

    root: int
    names: Sequence[tuple[str, str]]  # (kind, pattern to search for); the first that matches counts
    every: float = 0.5
    sizes: list[tuple[float, dict[str, int]]] = field(default_factory=list)  # (time, largest RSS by kind)
    _kind: dict[int, str] = field(default_factory=dict)
    _last: dict[int, Process] = field(default_factory=dict)
    _peak: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self.every):
            now: dict[str, int] = defaultdict(int)
            for process in tree(self.root)[1:]:
                kind = self._kind_of(process.pid)
                self._last[process.pid] = process
                now[kind] = max(now[kind], process.rss)
            for kind, rss in now.items():
                self._peak[kind] = max(rss, self._peak.get(kind, 0))
            self.sizes.append((time.monotonic(), dict(now)))

    def _kind_of(self, pid: int) -> str:
        """Read again each time, because a process starts as a copy of its parent."""
        try:
            name = Path(f"/proc/{pid}/comm").read_text(errors="replace")
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            line = ""
        if line:  # not a zombie
            words = f"{name} {line}"
            self._kind[pid] = next((kind for kind, word in self.names if re.search(word, words)), "other")
        return self._kind.get(pid, "other")

    @property
    def roles(self) -> dict[str, Role]:
        """The roles by kind. What a process used after its last sample is missing."""
        roles: dict[str, Role] = defaultdict(Role)
        for pid, process in self._last.items():
            roles[self._kind.get(pid, "other")].seconds += process.own
        for kind, peak in self._peak.items():
            roles[kind].rss = peak
        return dict(roles)
