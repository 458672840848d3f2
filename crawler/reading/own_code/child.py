"""The process in which extractors run: one for each, with limits, that knows nothing but the page.

``python -m crawler.reading.own_code.child NAME FOLDER`` answers each page on its input with what the
extractor yields, until the input ends. Messages are msgpack, each with its length before it.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, BinaryIO

import msgspec

from crawler.reading.own_code import names
from crawler.reading.own_code.page import Page, PageOrder
from crawler.reading.own_code.results import Results, TooMuch, collect
from crawler.requests.exchange import one_line

LENGTH = struct.Struct(">I")
SECONDS = 5.0  # for one page
LOAD_SECONDS = 10.0  # until the extractor is there
MEMORY = 1 << 30  # bytes of data
SENTENCE, TRACE = 300, 10  # characters, lines
Extract = Callable[[Page], Any]


class Hello(msgspec.Struct, frozen=True):
    """What a process says once, when it has loaded its extractor."""

    code: str  # the version that it has loaded
    problem: str = ""  # why it cannot be used
    trace: list[str] = []


def read_message(source: BinaryIO) -> bytes | None:
    """The next message; None at the end."""
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def main() -> None:
    """Load the extractor, then answer pages."""
    orders, answers = _own_streams()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    name, folder = sys.argv[1], Path(sys.argv[2])
    names.look_in(folder)
    code = names.code_of(name)
    _end_after(LOAD_SECONDS)
    loaded: list[tuple[Extract, str]] = []
    if (error := _error_of(lambda: loaded.append(load(name)))) is not None:
        _write(answers, Hello(code, *_told(error, name)))
        return
    ((extract, code),) = loaded
    _end_after(0)
    _write(answers, Hello(code))
    while (order := read_message(orders)) is not None:
        _end_after(SECONDS)
        results = run(extract, Page(msgspec.msgpack.decode(order, type=PageOrder)), name)
        _end_after(0)
        _write(answers, results)


def _end_after(seconds: float) -> None:
    """Have the kernel end this process then, also if nobody watches it any more; 0: no longer."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds and seconds + 1)


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Input and output for ourselves: what the extractor prints goes to standard error."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return orders, answers


def _write(answers: BinaryIO, message: Any) -> None:
    packed = msgspec.msgpack.encode(message)
    answers.write(LENGTH.pack(len(packed)) + packed)
    answers.flush()


def load(name: str) -> tuple[Extract, str]:
    """The function of an extractor, and the version that it is of."""
    path = names.file_of(name)
    if path is None:
        names.check(name)
        (entry, *_) = entry_points(group=names.GROUP, name=name)
        plugged = entry.load()
        if not callable(plugged):
            raise ValueError(f"{entry.value} is not a function. Name one like 'package.module:extract'.")
        return plugged, names.code_of(name)
    source = path.read_bytes()
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules.setdefault(name, module)
    exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - its purpose
    extract = getattr(module, "extract", None)
    if not callable(extract):
        raise ValueError(f"{path.name} has no function 'extract'. Write: def extract(page): …")
    return extract, names.digest(source)


def run(extract: Extract, page: Page, name: str) -> Results:
    """What an extractor yields of a page; what it had yielded before a mistake is kept."""
    results = Results()
    error = _error_of(lambda: collect(iter(extract(page) or ()), results))
    if isinstance(error, TooMuch):
        results.problem = f"The extractor {name!r} gives too much. {error}"
    elif error is not None:
        results.problem, results.trace = _told(error, name)
    return results


def _error_of(work: Callable[[], object]) -> BaseException | None:
    """What a piece of somebody's code raises."""
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - also that it wants to end the process
        return error
    return None


def _told(error: BaseException, name: str) -> tuple[str, list[str]]:
    """What went wrong in a sentence, with its place in the extractor's file; and the lines that led there."""
    frames = list(_own_frames(error.__traceback__, f"{name}.py"))
    if isinstance(error, SyntaxError):
        where = f"{name}.py, line {error.lineno}: "
    else:
        where = f"{name}.py, line {frames[-1].lineno}: " if frames else ""
    said = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    kind = "it takes too much memory" if isinstance(error, MemoryError) else type(error).__name__
    sentence = f"The extractor {name!r} failed. {where}{kind}{f': {said}' if said else ''}"
    lines = [f"{name}.py, line {frame.lineno}, in {frame.name}: {frame.line}" for frame in frames[-TRACE:]]
    return one_line(sentence)[:SENTENCE], [one_line(line)[:SENTENCE] for line in lines]


def _own_frames(trace: TracebackType | None, file: str) -> Iterator[traceback.FrameSummary]:
    return (each for each in traceback.extract_tb(trace) if Path(each.filename).name == file)


if __name__ == "__main__":
    main()
