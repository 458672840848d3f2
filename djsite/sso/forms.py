"""Forms of second factors: a code, a first code, and which roles must have one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from catalog.sealing import SealingError
from djsite.browse.login import counted
from djsite.desk.people.listing import WORDS, Role
from djsite.sso import factors

_INPUT = {"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"}


class FirstCodeForm(forms.Form):
    """The first code of an app that has just read the secret."""

    code = forms.CharField(
        label="Code that the app shows now",
        max_length=12,
        widget=forms.TextInput({**_INPUT, "inputmode": "numeric"}),
    )


class CodeForm(forms.Form):
    """A code of somebody's app or a recovery code, with the limits on tries that a password has."""

    code = forms.CharField(
        label="Code of your app, or a recovery code", max_length=40, widget=forms.TextInput(_INPUT)
    )

    def __init__(self, *args: Any, person: User, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person, self._address = person, address

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        with counted(f"code:{self._person.pk}", self._address):
            self._check(code)
        return code

    def _check(self, code: str) -> None:
        try:
            is_right = factors.accept(self._person, code)
        except SealingError as error:
            raise forms.ValidationError(str(error)) from error
        if not is_right:
            raise forms.ValidationError("This code is not right, or was used already. Each is good once.")


class RequireForm(forms.Form):
    """The roles whose people must have a second factor."""

    roles = forms.TypedMultipleChoiceField(
        label="Roles that must have a second factor",
        choices=[(role.value, role.value) for role in WORDS],
        coerce=Role,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
