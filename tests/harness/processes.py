"""Real processes of the product for acceptance tests: workers, beat, web.

Each is the leader of its own process group with its output in a file; all of them end with the test, and
with pytest itself however that ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.harness import environment
from tests.harness.servers import die_with_parent
from tests.harness.waiting import wait_until


class Process:
    """One started program; ``output()`` is all it has printed so far."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: dict[str, str]) -> None:
        self.name, self.command, self.log = name, list(command), log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                self.command,
                cwd=environment.ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for_output(self, pattern: str, timeout: float = 60.0) -> re.Match[str]:
        """The first match of a regular expression in the output; fails if the process ends first."""

        def found() -> re.Match[str] | None:
            match = re.search(pattern, self.output())
            if match is None and not self.alive:
                raise AssertionError(
                    f"{self.name} ended with {self.popen.returncode}:\n{self.output()[-4000:]}"
                )
            return match

        try:
            match = wait_until(found, timeout, what=f"{self.name} prints {pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output()[-4000:]}") from None
        assert match is not None
        return match

    def send(self, signum: int) -> None:
        """To the process itself, as a supervisor does."""
        self.popen.send_signal(signum)

    def kill(self) -> None:
        """kill -9 of the process and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self, signum: int = signal.SIGTERM, timeout: float = 30.0) -> int:
        """Ask it to end and return its exit status; a process that will not end is killed, loudly."""
        if self.alive:
            self.send(signum)
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} did not end in {timeout:g} s:\n{self.output()[-4000:]}"
            ) from None


class Processes:
    """Starts processes for one test and ends them all after it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Process] = []

    def run(self, name: str, command: Sequence[str], **extra: str) -> Process:
        """Start any command with the test's environment and ``extra`` variables."""
        log = self.folder / f"{name}-{len(self.started)}.log"
        process = Process(name, command, log, environment.child(**extra))
        self.started.append(process)
        return process

    def python(self, name: str, *arguments: str, **extra: str) -> Process:
        """Start this Python with arguments, e.g. ``"manage.py", "check"``."""
        return self.run(name, [sys.executable, *arguments], **extra)

    def worker(self, name: str, queues: str, *options: str, **extra: str) -> Process:
        """A real Celery worker on ``queues`` (comma-separated), ready when this returns.

        ``options`` are Celery's, such as ``"-P", "threads", "-c", "8"``.
        """
        extra.setdefault("CRAWLBEAT_PROCESS", "threads" if "threads" in options else "single")
        command = f"-m celery -A scheduler.app worker -n {name}@test -Q {queues} -l INFO"
        command += " --without-gossip --without-mingle --without-heartbeat"
        process = self.python(name, *command.split(), *options, **extra)
        process.wait_for_output(r"\bready\.")
        return process

    def beat(self, **extra: str) -> Process:
        """A real beat with RedBeat as its scheduler."""
        return self.python("beat", "-m", "celery", "-A", "scheduler.app", "beat", "-l", "INFO", **extra)

    def web(self, **extra: str) -> tuple[Process, str]:
        """The site under granian on a free port; returns its process and its address, once it answers."""
        port = free_port()
        command = (
            f"-m granian --interface asginl --no-ws --host 127.0.0.1 --port {port} djsite.asgi:application"
        )
        process = self.python("web", *command.split(), **extra)
        wait_until(lambda: _listens(port) or not process.alive, 60, what="the site listens")
        if not process.alive:
            raise AssertionError(process.output())
        return process, f"http://127.0.0.1:{port}"

    def end(self) -> None:
        """Kill what still runs, newest first. pytest shows what is printed here with a test that failed."""
        for process in reversed(self.started):
            process.kill()
            print(f"--- {process.name}\n{process.output()[-4000:]}")


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
