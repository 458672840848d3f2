"""The direction of imports, and who may import what."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import PACKAGES, functions, imports, python_files, tree, where
from tests.harness.environment import ROOT

HTTP_CLIENTS = {
    "httpx": {"crawler/requests/fetch.py", "crawler/requests/transport.py"},
    "aiohttp": {"crawler/requests/fetch.py", "crawler/requests/transport.py"},
    "requests": set[str](),
    "urllib3": set[str](),
    "urllib.request": set[str](),
    "http.client": set[str](),
    "pycurl": set[str](),
}


def test_import_linter_keeps_every_contract() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_only_the_fetcher_holds_an_http_client() -> None:
    """One guard decides which addresses are reached; no other client can then pass it by."""
    strays = []
    for path in python_files(*PACKAGES):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree(path)):
            for module in imports(node):
                for client, homes in HTTP_CLIENTS.items():
                    if f"{module}.".startswith(f"{client}.") and name not in homes:
                        strays.append(f"{where(path, node)} imports {module}")
    assert not strays


def test_no_import_waits_inside_a_function() -> None:
    """A lazy import hides a cycle or a cost; there is none, so there is nothing to hide.

    Django's ``AppConfig.ready`` is where models may first be imported.
    """
    late = [
        where(path, node)
        for path in python_files(*PACKAGES)
        for function in functions(path)
        if not (path.name == "apps.py" and function.name == "ready")
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not late


def test_nothing_of_the_product_imports_the_tests() -> None:
    strays = [
        where(path, node)
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if any(module.split(".")[0] in {"tests", "benchmarks"} for module in imports(node))
    ]
    assert not strays
