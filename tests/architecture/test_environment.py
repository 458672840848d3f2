"""The environment has one reader, and the settings are its one user."""

from __future__ import annotations

import ast
from collections.abc import Callable

from tests.architecture.source import PACKAGES, imports, python_files, tree, where
from tests.harness.environment import ROOT

USERS = {
    "djsite/settings.py",
    "console/arguments.py",  # the data folder, which settings are read from
    "console/cli.py",  # sets the scene before there are settings
}
TOUCHERS = {
    "catalog/management/commands/write_new_database.py",  # hands on all but the database
    "djsite/env.py",
    "console/cli.py",  # hands the data folder on to the settings, and to children
    "console/testing.py",  # hands everything on to pytest
    "djsite/asgi.py",  # which settings
    "embedded/fork.py",  # takes what its order has for it
    "embedded/install.py",  # runs before anything is installed
    "embedded/supervisor.py",  # hands everything on to children
    "scheduler/app.py",  # which settings
    "scheduler/process/lifeline.py",  # from parent to child, for processes without settings too
}


def _using(test: Callable[[ast.AST], bool]) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in python_files(*PACKAGES)
        if any(test(node) for node in ast.walk(tree(path)))
    }


def test_only_the_settings_ask_the_reader() -> None:
    assert _using(lambda node: "djsite.env" in imports(node)) == USERS


def test_nobody_goes_round_the_reader() -> None:
    words = {"os.environ", "os.environb", "os.getenv"}
    assert _using(lambda node: isinstance(node, ast.Attribute) and ast.unparse(node) in words) == TOUCHERS


def test_the_product_reads_no_variable_of_the_tests() -> None:
    named = [
        where(path, node)
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and str(node.value).startswith("TEST_")
    ]
    assert named == []
