"""Broad handlers stand at the edge of a task or a thread, are few, and say why."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import PACKAGES, python_files, tree, where

BROAD = {"Exception", "BaseException"}
MOST = 8


def _caught(node: ast.AST) -> Iterator[ast.expr | None]:
    """What a handler or a ``suppress(…)`` catches; None for a bare ``except:``."""
    if isinstance(node, ast.ExceptHandler):
        yield from node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "suppress":
        yield from node.args


def _broad_handlers() -> list[tuple[str, str]]:
    """Where each is, and its line."""
    return [
        (where(path, node), path.read_text(encoding="utf-8").splitlines()[node.lineno - 1])
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler | ast.Call)
        if any(caught is None or ast.unparse(caught) in BROAD for caught in _caught(node))
    ]


def test_broad_handlers_are_few() -> None:
    assert len(_broad_handlers()) <= MOST, [place for place, _ in _broad_handlers()]


def test_every_broad_handler_says_why() -> None:
    assert [place for place, line in _broad_handlers() if "#" not in line] == []
