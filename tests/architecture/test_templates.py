"""Templates can be compiled, and are wrapped so that a change shows as a change of a few lines."""

from __future__ import annotations

from django.template.loader import get_template

from tests.architecture.source import tracked
from tests.harness.environment import ROOT

COLUMNS = 120


def test_no_line_of_a_template_is_long() -> None:
    templates = [path for path in tracked() if path.suffix == ".html" and "templates" in path.parts]
    assert templates
    long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in templates
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > COLUMNS
    ]
    assert not long


def test_every_template_can_be_compiled() -> None:
    """Django compiles one when it is first shown: a filter that is gone would be an error 500 then."""
    names = [str(path).rpartition("/templates/")[2] for path in tracked() if "templates" in path.parts]
    assert names
    for name in names:
        get_template(name)
