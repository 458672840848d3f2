"""Entry points of other packages are used; what is broken gets a sentence and stops nothing else."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from crawler import plugs
from crawler.collections import Rule, Step
from crawler.reading import fields, sources, steps, types, verdicts
from crawler.reading.document import Document
from crawler.reading.own_code import child, names
from crawler.reading.reader import read_document
from crawler.reading.verdicts import judging
from pipelines.shipping import places
from pipelines.telling import kinds
from scheduler.checks.findings import CheckOptions
from scheduler.doctor import packages
from tests.factories import NOW

CODE = """
from types import SimpleNamespace
from crawler.reading.document import Document
from crawler.reading.fields.kind import ReadsAll

class Shout(ReadsAll):
    def __init__(self, rule): self.rule = rule
    def all(self, place): return [self.rule.upper()]

def check(*rule): pass
LABEL, SETTINGS, TAKES = "Smoke", (), "file"
def send(sending): pass
def probe(spot): pass
def compile(rule): return Shout(rule)
def sniff(body, content_type): return body.startswith(b"OWN")
def read(body, content_type): return Document("utf-8", "own", data={"own": len(body)})
def judge(answer): return ("it is ours",)
def stars(raw, setting): return raw.count("*")
def twice(): return lambda texts, base: [text * 2 for text in texts]
def extract(page): yield "things", {"url": page.url}
number = 7
"""
BROKEN = "import nowhere_to_be_found"
GROUPS = {
    kinds.GROUP: "smoke = plugged_code",
    places.GROUP: "drawer = plugged_code",
    fields.GROUP: "shout = plugged_code",
    sources.GROUP: "own = plugged_code",
    verdicts.GROUP: "ours = plugged_code",
    types.GROUP: "stars = plugged_code:stars",
    steps.GROUP: "twice = plugged_code:twice",
    names.GROUP: "plugged = plugged_code:extract",
}
Install = Callable[[dict[str, str]], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package with these entry points, by group."""
    caches = (plugs.plugged, plugs.load, sources._sources, judging._judges, types._function, steps._compiled)

    def install(groups: dict[str, str]) -> None:
        lines = [f"[{group}]\n{entries}\n" for group, entries in groups.items()]
        folder = tmp_path / "plugged-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text("\n".join(lines))
        (tmp_path / "plugged_code.py").write_text(CODE)
        (tmp_path / "plugged_broken.py").write_text(BROKEN)
        importlib.invalidate_caches()
        for cache in caches:
            cache.cache_clear()

    monkeypatch.syspath_prepend(tmp_path)
    yield install
    for cache in caches:
        cache.cache_clear()
    for name in ("plugged_code", "plugged_broken"):
        sys.modules.pop(name, ModuleType(name))


def doctor() -> dict[str, list[str]]:
    """What the doctor tells, by code."""
    told: dict[str, list[str]] = {}
    for finding in packages.check(CheckOptions(NOW)):
        told.setdefault(finding.code, []).append(finding.told)
    return told


def value_of(kind: str) -> object:
    document = Document("utf-8", "")
    return fields.compile_rule(Rule(kind=kind, rule="hello")).first(fields.kind.Place(document))


def test_a_package_adds_to_every_registry(install: Install) -> None:
    install(GROUPS)
    assert value_of("shout") == "HELLO"
    assert read_document(b"OWN {}", "application/json", "").data == {"own": 6}
    assert "ours" in verdicts.kinds()
    assert kinds.kind_of("smoke").send(None) is None
    assert judging._judges()["ours"].judge(None) == ("it is ours",)
    assert types.convert("***", "stars", locale="", zone="", base="") == 3
    assert steps.clean(["ab"], (Step("twice"),), base="") == ["abab"]
    assert "plugged" in names.names()
    names.check("plugged")
    extract, code = child.load("plugged")
    assert (extract.__module__, code) == ("plugged_code", names.code_of("plugged"))
    assert doctor() == {}


def test_what_cannot_be_imported_is_said_by_who_needs_it_and_stops_nothing_else(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install({group: f"bad = plugged_broken:x\n{entry}" for group, entry in GROUPS.items()})
    sentence = (
        "plugged_broken:x cannot be imported. ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    )
    for use in (
        lambda: fields.check_rule(Rule(kind="bad", rule="a")),
        lambda: types.check("bad", "", ""),
        lambda: steps.check(Step("bad")),
    ):
        with pytest.raises(ValueError, match=sentence):
            use()
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        child.load("bad")
    with caplog.at_level(logging.ERROR):
        assert read_document(b"OWN {}", "application/json", "").data == {"own": 6}
        assert judging._judges().keys() == {*verdicts.VERDICTS, "ours"}
    assert caplog.text.count(sentence) == 2
    assert value_of("shout") == "HELLO"
    assert doctor() == {
        "plugged-broken": [
            f"The entry point 'bad' of {group} cannot be used: {sentence}" for group in plugs.GROUPS
        ]
    }


def test_what_is_of_the_wrong_type_is_said_too(install: Install) -> None:
    install(dict.fromkeys(GROUPS, "bad = plugged_code:number"))
    with pytest.raises(ValueError, match="number cannot be used: it has no function check and no compile"):
        fields.check_rule(Rule(kind="bad", rule="a"))
    with pytest.raises(ValueError, match="number cannot be used: it has no LABEL and no SETTINGS"):
        kinds.kind_of("bad")
    with pytest.raises(ValueError, match="number cannot be used: it is not a function"):
        steps.check(Step("bad"))
    with pytest.raises(ValueError, match="plugged_code:number is not a function"):
        child.load("bad")
    assert read_document(b"{}", "application/json", "").data == {}
    assert len(doctor()["plugged-broken"]) == len(plugs.GROUPS)


def test_a_name_of_ours_stays_ours(install: Install) -> None:
    ours = {fields.GROUP: "css", types.GROUP: "number", steps.GROUP: "trim", verdicts.GROUP: "login_page"}
    install({group: f"{name} = plugged_code:number" for group, name in ours.items()})
    assert fields.kind_of(Rule(kind="css", rule="a")).__name__ == fields.KINDS["css"]
    assert types.convert("7", "number", locale="en", zone="", base="") == 7
    assert steps.clean([" a "], (Step("trim"),), base="") == ["a"]
    assert judging._judges()["login_page"].__name__ == verdicts.VERDICTS["login_page"]
    told = doctor()
    assert (list(told), len(told["plugged-name"])) == (["plugged-name"], len(ours))
