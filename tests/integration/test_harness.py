"""The harness itself: real servers, a network guard that holds, processes that end."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import pytest
import redis
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection

from catalog.models import Host
from tests.harness import databases, environment, network
from tests.harness.processes import Processes
from tests.harness.waiting import wait_until


@pytest.mark.django_db
def test_the_database_is_the_one_asked_for() -> None:
    vendor = {"sqlite": "sqlite", "postgres": "postgresql"}[environment.database_kind()]
    assert connection.vendor == vendor
    assert Host.objects.count() == 0


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_leaving_this_machine_raises(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as sock, pytest.raises(network.NetworkForbidden):
        sock.connect(address)
    with pytest.raises(network.NetworkForbidden):
        socket.getaddrinfo("example.org", 80)
    assert len(network.offences) == 2
    network.offences.clear()


def test_reserved_names_do_not_resolve() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("nowhere.invalid", 80)


def test_valkey_is_set_up_as_in_production(valkey: redis.Redis) -> None:
    assert valkey.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert valkey.config_get("appendonly") == {"appendonly": "yes"}
    assert valkey.dbsize() == 0


def test_the_archive_is_a_scratch_folder(archive: Path) -> None:
    storages["archive"].save("a/b", ContentFile(b"x"))
    assert (archive / "a" / "b").read_bytes() == b"x"
    assert archive.is_relative_to(environment.ROOT) is False


def test_processes_see_the_tests_database_and_end(processes: Processes) -> None:
    Host.objects.create(origin="https://example.org:443")
    code = (
        "import django, time; django.setup()\n"
        "from catalog.models import Host\n"
        "print('sees', Host.objects.get().origin, flush=True); time.sleep(600)"
    )
    process = processes.python("reader", "-c", code)
    process.wait_for_output("sees https://example.org:443")
    assert process.stop(signal.SIGTERM) == -signal.SIGTERM


def test_a_process_can_have_other_settings(processes: Processes) -> None:
    code = "from django.conf import settings; print('sweeps every', settings.SWEEP_SECONDS, 's')"
    slow = processes.python("slow", "-c", code, **environment.overridden(SWEEP_SECONDS=600))
    slow.wait_for_output("sweeps every 600 s")
    wrong = processes.python("wrong", "-c", code, **environment.overridden(SWEEP_SECOND=600))
    wait_until(lambda: not wrong.alive, what="the process ends")
    assert "LookupError: TEST_SETTINGS names what djsite.settings has not: SWEEP_SECOND" in wrong.output()


def test_the_guard_holds_in_processes(processes: Processes) -> None:
    process = processes.run(
        "caller", [sys.executable, "-c", "import socket; socket.getaddrinfo('example.org', 80)"]
    )
    wait_until(lambda: not process.alive, what="the caller ends")
    assert "NetworkForbidden" in process.output()


def test_the_files_that_are_for_one_database_are_there():
    assert [name for name in databases.ON_SQLITE_ONLY if not (databases.FOLDER / name).is_file()] == []
