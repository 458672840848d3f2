"""The tracked files and their syntax trees, for the tests of this folder."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.harness.environment import ROOT

PACKAGES = ("crawler", "catalog", "pipelines", "scheduler", "djsite", "embedded", "console")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that exists, tracked or about to be (not the ignored ones)."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


def python_files(*folders: str) -> Iterator[Path]:
    """Python files below the folders; generated migrations are nobody's writing."""
    for path in tracked():
        name = path.relative_to(ROOT)
        if path.suffix == ".py" and name.parts[0] in folders and "migrations" not in name.parts:
            yield path


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[Function]:
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def imports(node: ast.AST) -> Iterator[str]:
    """The module names that an import statement names; none for any other node."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"
