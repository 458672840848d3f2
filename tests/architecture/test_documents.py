"""The documents that list what the code has, compared with the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from benchmarks.kit import options
from crawler.outcomes import Outcome, Reason
from crawler.rules.retries import NETWORK, OVERLOADED, TRANSIENT, RetryRule
from pipelines.store.decisions import outcome_of
from scheduler.process import lifeline
from tests.architecture.source import PACKAGES, python_files, tree
from tests.harness.environment import ROOT

RULES = {"network": NETWORK, "overloaded": OVERLOADED}
OPERATORS = ("Servers and storage", "The site", "Crawling", "Processes")  # of docs/configuration.md
ENV_READERS = {
    "text",
    "number",
    "integer",
    "boolean",
    "words",
    "postgresql",
    "choice",
    "pairs",
    "networks",
    "issuer",
}


def _rows(document: str, heading: str) -> list[list[str]]:
    """The cells of every table row below a heading, header rows left out."""
    section = (ROOT / "docs" / document).read_text(encoding="utf-8").split(f"\n## {heading}\n")[1]
    section = section.split("\n## ")[0]
    rows = [line.strip().strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [row for number, row in enumerate(cells) if not _heads(cells, number) and set(row[0]) != {"-"}]


def _heads(cells: list[list[str]], number: int) -> bool:
    return number + 1 < len(cells) and set(cells[number + 1][0]) == {"-"}


def _rule_name(rule: RetryRule | None) -> str:
    return next((name for name, known in RULES.items() if known is rule), "no")


def test_every_outcome_is_explained() -> None:
    assert [row[0] for row in _rows("outcomes.md", "Outcomes")] == [f"`{item.label}`" for item in Outcome]


def test_every_reason_is_explained_with_its_outcome_and_its_retries() -> None:
    rows = {row[0].strip("`"): row[1:3] for row in _rows("outcomes.md", "Reasons")}
    assert rows.pop("http_<status>") == [outcome_of("http_404").label, "see below"]
    assert rows == {
        str(reason): [outcome_of(reason).label, _rule_name(TRANSIENT.get(reason))] for reason in Reason
    }


def test_the_back_off_table_is_the_one_in_force() -> None:
    rows = {row[0].strip("`"): row[1:] for row in _rows("outcomes.md", "Back-off")}
    for name, rule in RULES.items():
        assert rows.pop(name) == [str(rule.attempts), f"{rule.base:g} s", f"{rule.cap:g} s"]
    statuses = {reason: rule for reason, rule in TRANSIENT.items() if reason.startswith("http_")}
    for reason, rule in statuses.items():
        assert rows.pop(reason) == [_rule_name(rule)]
    assert set(rows) == {"other `http_5xx", "every other status"}


def _variables() -> dict[str, str | None]:
    """Every variable that the product reads through ``djsite.env``, with its literal default."""
    found: dict[str, str | None] = {}
    for path in python_files(*PACKAGES):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ENV_READERS and ast.unparse(node.func.value) == "env":
                name, *default = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
                found[str(name)] = str(default[0]) if default and default[0] is not None else None
    return found


def _variables_of_scripts() -> set[str]:
    scripts = [(ROOT / name).read_text(encoding="utf-8") for name in ("crawlbeat", "entrypoint.sh")]
    return {name for script in scripts for name in re.findall(r"\$\{(CRAWLBEAT_\w+)", script)}


def _documented(*sections: str) -> dict[str, list[str]]:
    """The variables in sections of docs/configuration.md, with their other cells."""
    rows = [row for name in sections for row in _rows("configuration.md", name)]
    return {row[0].strip("`"): [cell.strip("`") for cell in row[1:]] for row in rows}


def test_every_variable_is_documented() -> None:
    others = (
        "Signing in by a provider",  # an extra: whoever has none need not know them
        "Commands for an instance elsewhere",
        "Launcher, tests and rehearsals",
        "From parent to child",
    )
    documented = _documented(*OPERATORS, *others)
    handed_on = {lifeline.VARIABLE, lifeline.KEEPER}
    of_tests = {f"CRAWLBEAT_TEST_{word}" for word in ("DATABASE", "PICTURES", "SHARE")}
    assert set(documented) == {*_variables(), *_variables_of_scripts(), *handed_on, *of_tests}


def test_operators_have_few_variables_each_with_a_reason_to_change_it() -> None:
    documented = _documented(*OPERATORS)
    assert len(documented) <= 25
    assert [name for name, (_, _, reason) in documented.items() if not reason] == []


def test_documented_defaults_are_the_real_ones() -> None:
    variables = _variables()
    documented = {name: cells[0] for name, cells in _documented(*OPERATORS).items() if _is_number(cells[0])}
    assert {name: float(value) for name, value in documented.items()} == {
        name: float(value)
        for name in _documented(*OPERATORS)
        if (value := variables.get(name)) and _is_number(value)
    }


def _is_number(value: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", value) is not None


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert not broken


def _named_tests(document: str) -> list[tuple[str, str]]:
    """Every ``tests/….py`` that a document names, with the function after ``::`` if there is one."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", text)


def test_every_test_that_a_document_names_exists() -> None:
    documents = ["README.md", *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
    missing = []
    for document in documents:
        for file, function in _named_tests(document):
            path = ROOT / file
            if not path.exists() or (function and function not in _functions(path)):
                missing.append(f"{document}: {file}::{function}")
    assert not missing


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_a_test_of_its_own() -> None:
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if re.match(r"\| \d", line)]
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= 23
    assert all("tests/" in row[4] or re.search(r"#\d", row[4]) for row in rows)


def test_every_advisory_has_a_test_or_a_reason() -> None:
    """That the tests exist is checked for all documents."""
    rows = [line.split("|") for line in _text("advisories.md").splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 30
    assert [row[1] for row in rows if len(row[3].split()) < 5 and "tests/" not in row[3]] == []


def _text(document: str) -> str:
    return (ROOT / "docs" / document).read_text(encoding="utf-8")


def test_every_bench_and_folder_that_the_readme_names_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\./crawlbeat bench (\w+)", text)) <= set(options.NAMES)
    assert all((ROOT / path).exists() for path in re.findall(r"(tests/[\w/]*\w)(?![\w./])", text))
