"""The container files, checked by the tools of the trade; ``containers/check.sh`` really starts them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.environment import ROOT

TOOLS = Path(sys.executable).parent
SECRETS = {
    "SECRET_KEY": "s",
    "CRAWLBEAT_SECRETS_KEYS": "k",
    "POSTGRES_PASSWORD": "p",
    "REDIS_PASSWORD": "r",
    "CRAWLBEAT_CONTACT": "https://example.org",
}
SERVICES = {
    "postgres",
    "redis",
    "web",
    "beat",
    "worker-urgent",
    "worker-fetch",
    "worker-parse",
    "worker-store",
}
SCRIPTS = ["entrypoint.sh", "crawlbeat", "containers/check.sh", ".ci/run", "tests/all-pythons.sh"]


def _run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


def _compose(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # an env file of the developer must neither help nor hurt
    options = ("--env-file", os.devnull, "--file", "compose.yml")
    return _run(str(TOOLS / "docker-compose"), *options, *arguments, **environment)


@pytest.fixture(scope="module")
def compose() -> dict[str, dict]:
    result = _compose("--profile", "monitoring", "config", "--format", "json", **SECRETS)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["services"]


def test_the_dockerfile_pleases_hadolint() -> None:
    result = _run(str(TOOLS / "hadolint"), "Dockerfile")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_please_shellcheck(script: str) -> None:
    result = _run(str(TOOLS / "shellcheck"), script)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("script", ["entrypoint.sh", "crawlbeat"])
def test_scripts_that_meet_any_shell_are_posix(script: str) -> None:
    assert (ROOT / script).read_text().startswith("#!/bin/sh\n")
    result = _run(str(TOOLS / "shellcheck"), "--shell=sh", "--severity=style", script)
    assert result.returncode == 0, result.stdout
    if shutil.which("dash") is None:
        pytest.skip("no dash on this machine; shellcheck has read it as POSIX sh")
    assert _run("dash", "-n", script).returncode == 0


def test_the_site_of_the_containers_is_that_of_the_embedded_mode() -> None:
    command = next(
        line for line in (ROOT / "entrypoint.sh").read_text().splitlines() if "set -- granian" in line
    )
    program = (ROOT / "embedded" / "programs" / "web.py").read_text()
    assert "--interface asginl" in command and "Interfaces.ASGINL" in program
    assert "djsite.asgi:application" in command and '"djsite.asgi:application"' in program


def test_the_entrypoint_becomes_its_program() -> None:
    lines = (ROOT / "entrypoint.sh").read_text().rstrip().splitlines()
    assert lines[-1] == 'exec "$@"'


def test_every_service_is_there_healthy_and_stoppable(compose: dict[str, dict]) -> None:
    assert set(compose) == SERVICES | {"flower"}
    for name, service in compose.items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "always", name
        assert service["stop_grace_period"], name
    assert compose["beat"]["deploy"]["replicas"] == 2
    workers = {name for name in compose if name.startswith("worker-")}
    assert {compose[name]["stop_grace_period"] for name in workers} == {"45s"}


def test_compose_starts_only_what_the_entrypoint_knows(compose: dict[str, dict]) -> None:
    script = (ROOT / "entrypoint.sh").read_text()
    roles = {role for line in re.findall(r"^([a-z| -]+)\)$", script, re.M) for role in line.split(" | ")}
    ours = {name: service for name, service in compose.items() if name not in {"postgres", "redis"}}
    assert {service["command"][0] for service in ours.values()} <= roles
    for name, service in ours.items():
        assert service["healthcheck"]["test"] == ["CMD", "/app/entrypoint.sh", "health", name]


@pytest.mark.parametrize("missing", SECRETS)
def test_no_secret_has_a_default(missing: str) -> None:
    result = _compose("config", "-q", **{name: value for name, value in SECRETS.items() if name != missing})
    assert result.returncode != 0
    assert missing in result.stderr


def test_redis_loses_nothing_and_asks_for_a_password(compose: dict[str, dict]) -> None:
    script = compose["redis"]["command"][-1]
    for line in ("appendonly yes", "maxmemory-policy noeviction", "requirepass $$REDIS_PASSWORD"):
        assert line in script


def test_only_the_site_is_published_and_on_loopback_by_default(compose: dict[str, dict]) -> None:
    published = {name: service["ports"] for name, service in compose.items() if service.get("ports")}
    assert set(published) == {"web", "flower"}
    assert {port["host_ip"] for ports in published.values() for port in ports} == {"127.0.0.1"}


def test_the_entrypoint_reads_secrets_from_files_and_execs(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    show = 'echo "$AWS_SECRET_ACCESS_KEY"'
    result = _run("./entrypoint.sh", "sh", "-c", show, AWS_SECRET_ACCESS_KEY_FILE=str(tmp_path / "key"))
    assert result.stdout == "from-a-file\n", result.stderr


def test_no_service_has_more_rights_than_it_needs(compose: dict[str, dict]) -> None:
    for name, service in compose.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"] and not service.get("cap_add"), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]) >= 2**29, name
        assert not service.get("privileged") and not service.get("devices"), name


def test_no_service_runs_as_root(compose: dict[str, dict]) -> None:
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()  # of all our services
    for name in ("postgres", "redis"):
        assert compose[name]["user"] == "999:999"


def test_redis_refuses_writes_before_the_kernel_ends_it(compose: dict[str, dict]) -> None:
    most = re.search(r"^\s*maxmemory (\d+)mb$", compose["redis"]["command"][-1], re.M)
    assert most and int(most[1]) * 2**20 < int(compose["redis"]["mem_limit"])


def test_foreign_images_are_named_by_digest(compose: dict[str, dict]) -> None:
    images = [service["image"] for service in compose.values() if "build" not in service]
    images += re.findall(r"^ARG PYTHON=(.*)$", (ROOT / "Dockerfile").read_text(), re.M)
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image), image
