"""Ceilings of size, from the projects that we think well made."""

from __future__ import annotations

import ast
import statistics
from collections import Counter

from tests.architecture.source import PACKAGES, Function, functions, python_files, tree, where

FILE_LINES, FUNCTION_LINES, CLASS_LINES, ARGUMENTS = 300, 60, 250, 6
TEST_FILE_LINES = 600  # tests of one thing stay together
MODULES = 15  # of a flat folder


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _arguments(function: Function) -> int:
    every = function.args
    names = [arg.arg for arg in (*every.posonlyargs, *every.args, *every.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def test_files_are_short() -> None:
    ceilings = dict.fromkeys(PACKAGES, FILE_LINES) | {"tests": TEST_FILE_LINES, "benchmarks": FILE_LINES}
    long = {
        str(path): lines
        for folder, ceiling in ceilings.items()
        for path in python_files(folder)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > ceiling
    }
    assert not long


def test_folders_have_few_modules() -> None:
    sizes = Counter(path.parent for path in python_files(*PACKAGES, "benchmarks"))
    assert {str(folder): size for folder, size in sizes.items() if size > MODULES} == {}


def test_functions_are_short_and_take_few_arguments() -> None:
    too_much = [
        f"{where(path, function)} {function.name}: {_lines(function)} lines, {_arguments(function)} arguments"
        for path in python_files(*PACKAGES)
        for function in functions(path)
        if _lines(function) > FUNCTION_LINES or _arguments(function) > ARGUMENTS
    ]
    assert not too_much


def test_the_usual_function_is_short() -> None:
    sizes = [_lines(function) for path in python_files(*PACKAGES) for function in functions(path)]
    assert statistics.median(sizes) <= 10
    assert statistics.quantiles(sizes, n=10)[-1] <= 30


def test_classes_are_short() -> None:
    long = [
        f"{where(path, node)} {node.name}: {_lines(node)} lines"
        for path in python_files(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and _lines(node) > CLASS_LINES
    ]
    assert not long


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for path in python_files(*PACKAGES, "tests")
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    assert not silent
