"""The direction of imports, and who may import what."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

from tests.architecture.source import PACKAGES, functions, imports, python_files, tree, where
from tests.harness.environment import ROOT

HTTP_CLIENTS = {
    "httpx": {
        f"crawler/requests/{name}.py"
        for name in ("connection", "dial", "fetch", "llhttp", "pool", "prepared", "transport")
    }
    | {"pipelines/telling/kinds/posting.py", "djsite/sso/provider.py"}  # on the guarded transport
    | {"console/remote/client.py"},  # the instance that its own user names, from the command line alone
    "httptools": {f"crawler/requests/{name}.py" for name in ("connection", "llhttp")},
    "aiohappyeyeballs": {"crawler/requests/dial.py"},
    "aiohttp": set[str](),
    "requests": set[str](),
    "urllib3": set[str](),
    "urllib.request": set[str](),
    "http.client": set[str](),
    "pycurl": set[str](),
}
CONNECTORS = {
    "socket": {
        "crawler/requests/dial.py",  # behind the guard
        "crawler/requests/resolver.py",  # names alone
        "pipelines/sockets.py",  # behind the guard
        "pipelines/telling/kinds/mail.py",  # types
        "console/checks.py",  # whether a port of ours is free
        "console/commands/up.py",  # whether the site answers
        "embedded/keeper.py",  # the name of this machine
        "embedded/services.py",
        "embedded/web_service.py",
    },
    "asyncio.open_connection": set[str](),
    "ftplib": set[str](),
    "smtplib": {"pipelines/telling/kinds/mail.py"},
    "telnetlib": set[str](),
    "xmlrpc": set[str](),
    "paramiko": {"pipelines/shipping/places/sftp.py"},  # on a socket from behind the guard
    "boto3": {"pipelines/shipping/places/s3.py"},  # as the line above; the archive is at the operator's own
    "httpx2": set[str](),
    "websockets": set[str](),
    "playwright": set[str](),
}
CONNECTING_CALLS = {
    "open_connection": set[str](),
    "open_unix_connection": set[str](),
    "create_connection": {"crawler/requests/dial.py", "console/commands/up.py"},
    "create_datagram_endpoint": set[str](),
    "sock_connect": set[str](),
    "start_connection": {"crawler/requests/dial.py"},
    "urlopen": set[str](),
    "urlretrieve": set[str](),
    "AsyncClient": {"pipelines/telling/kinds/posting.py", "djsite/sso/provider.py"},
}
MARKUP_ENGINES = {"lxml", "bs4", "html5lib", "selectolax", "parsel", "cssselect", "turbohtml"}
MARKUP_READERS = {
    "crawler/reading/document.py",
    "crawler/reading/content/block_looks.py",
    "crawler/reading/content/nodes.py",
    "crawler/reading/encoding.py",
    "crawler/reading/html.py",
    "crawler/reading/feed.py",
    "crawler/reading/xml.py",
    "crawler/reading/sitemap_xml.py",
    "crawler/reading/extractor/next_page.py",
    "crawler/reading/structured/grid.py",
    "crawler/reading/structured/things.py",
    "crawler/reading/fields/column.py",
    "crawler/reading/fields/css.py",
    "crawler/reading/fields/rows.py",
    "crawler/reading/fields/xpath.py",
    "crawler/reading/steps/markup.py",
    "crawler/reading/receipts/receipt.py",
    "crawler/reading/verdicts/answer.py",
    "crawler/reading/verdicts/login_page.py",
}
MARKUP_FOLDERS = tuple(
    f"crawler/reading/{name}/"
    for name in ("listings", "main_text", "offers", "own_code", "pointing", "repair", "selectors")
)
"""They look at the tree itself."""


def test_import_linter_keeps_every_contract() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    list(TopologicalSorter(imported).static_order())  # raises CycleError with the modules of a circle


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


def test_only_the_listed_modules_can_open_a_connection() -> None:
    """A new one belongs behind the guard of ``crawler/requests/dial.py``, or here with its reason."""
    strays = []
    for path in python_files(*PACKAGES):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree(path)):
            for module in imports(node):
                strays += [
                    f"{where(path, node)} imports {module}"
                    for connector, homes in CONNECTORS.items()
                    if f"{module}.".startswith(f"{connector}.") and name not in homes
                ]
            called = _called(node)
            if called in CONNECTING_CALLS and name not in CONNECTING_CALLS[called]:
                strays.append(f"{where(path, node)} calls {called}")
    assert not strays


def _called(node: ast.AST) -> str:
    """The last name of what a call calls."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


def test_only_the_readers_know_an_engine_of_markup() -> None:
    """Another engine is then one file and the kinds of field that ask for its tree."""
    strays = [
        f"{where(path, node)} imports {module}"
        for path in python_files(*PACKAGES)
        if (name := path.relative_to(ROOT).as_posix()) not in MARKUP_READERS
        if not name.startswith(MARKUP_FOLDERS)
        for node in ast.walk(tree(path))
        for module in imports(node)
        if module.split(".")[0] in MARKUP_ENGINES
    ]
    assert not strays


def test_the_fetcher_loads_no_engine_of_markup() -> None:
    assert not _loaded_by("crawler.requests.fetch") & MARKUP_ENGINES


def test_reading_loads_neither_the_framework_nor_what_stands_above() -> None:
    files = [path.relative_to(ROOT).with_suffix("") for path in python_files("crawler")]
    names = [".".join(path.parts).removesuffix(".__init__") for path in files]
    loaded = _loaded_by(*(name for name in names if name.startswith("crawler.reading")))
    assert "lxml" in loaded
    assert not loaded & {"django", "celery", "redis", "httpx", "httptools", *PACKAGES[1:]}


def _loaded_by(*modules: str) -> set[str]:
    """The packages that are loaded once the modules are imported."""
    code = f"import sys, {', '.join(modules)}; print(*{{name.split('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(result.stdout.split())


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
