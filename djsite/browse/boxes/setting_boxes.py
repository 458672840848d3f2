"""The boxes for what a kind of channel or of place asks for (its ``SETTINGS``). A secret is never shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from djsite.desk.access.receivers import NETWORKS, Setting

KEPT = "It is kept, and not shown. Write here only to replace it."


def boxes_of(
    settings: Sequence[Setting], options: Mapping[str, Any], *, kept: bool, begin: Mapping[str, str]
) -> dict[str, forms.Field]:
    """A box for each setting, by its name.

    ``kept``: secrets were given before, so a box for one may stay empty. ``begin``: what secrets begin with.
    """
    return {setting.name: _box(setting, options, kept, begin) for setting in settings}


def _box(setting: Setting, options: Mapping[str, Any], kept: bool, begin: Mapping[str, str]) -> forms.Field:
    stays = setting.secret and kept
    given: dict[str, Any] = {
        "label": setting.label,
        "required": setting.needed and not stays,
        "error_messages": {"required": "Fill this in."},
        "help_text": f"{setting.help} {KEPT}".strip() if stays else setting.help,
        "initial": begin.get(setting.name, "") if setting.secret else _text(options.get(setting.name, "")),
    }
    if setting.choices:
        return forms.ChoiceField(choices=[(each, each or "as usual") for each in setting.choices], **given)
    return forms.CharField(max_length=4000, widget=_widget(setting), **given)


def _text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def _widget(setting: Setting) -> forms.Widget:
    if setting.many:
        return forms.Textarea({"rows": 2})
    plain = {"autocomplete": "off", "spellcheck": "false"}
    if setting.long:
        return forms.Textarea(plain | {"rows": 4, "class": "code"})
    return forms.TextInput(plain | {"class": "code"} if setting.secret else plain)


def networks_box(options: Mapping[str, Any]) -> forms.Field:
    """The box for private networks, which staff have."""
    return forms.CharField(
        label="Private networks that may be reached",
        required=False,
        initial=_text(options.get(NETWORKS, [])),
        help_text="For a receiver of your own, one a line, such as 10.1.0.0/16.",
        widget=forms.Textarea({"rows": 2, "class": "code"}),
    )


def written(form: forms.BaseForm, name: str) -> Any:
    """What was written into a box; the lines of a box that has several."""
    value = form.cleaned_data.get(name, "")
    many = isinstance(form.fields[name].widget, forms.Textarea)
    return [line.strip() for line in value.splitlines() if line.strip()] if many else value


def options_of(form: forms.BaseForm, settings: Sequence[Setting], *others: str) -> dict[str, Any]:
    """What was written and may be shown; ``others``: names of further boxes."""
    names = [setting.name for setting in settings if not setting.secret]
    options = {name: written(form, name) for name in (*names, *others) if name in form.fields}
    return {name: value for name, value in options.items() if value}


def secrets_in(form: forms.BaseForm, settings: Sequence[Setting]) -> dict[str, str]:
    """The secrets that were written."""
    names = [setting.name for setting in settings if setting.secret]
    secrets = {name: str(form.cleaned_data.get(name, "")).replace("\r\n", "\n") for name in names}
    return {name: value for name, value in secrets.items() if value}
