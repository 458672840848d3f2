"""Forms about people: inviting, roles, and what an invited person chooses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User

from djsite.desk.people.listing import INVITED, WORDS, Role

_ROLES = [(role.value, f"{role} – {words}") for role, words in WORDS.items()]


class InviteForm(forms.Form):
    """Whom to invite, and what they may do."""

    email = forms.EmailField(
        label="Mail address",
        required=False,
        max_length=254,
        help_text="Of the person whom you invite. If there is a channel for mail, the link is sent there.",
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off"}),
    )
    role = forms.TypedChoiceField(label="Role", choices=_ROLES, coerce=Role, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.TypedChoiceField(
        choices=[(role.value, role.value) for role in WORDS],
        coerce=Role,
        widget=forms.Select({"aria-label": "Role"}),
    )


class JoinForm(SetPasswordForm):  # type: ignore[type-arg]
    """Name and password of somebody who was invited; Django's rules for both."""

    username = forms.CharField(label="Your name here", max_length=150, validators=[User.username_validator])

    field_order = ("username", "new_password1", "new_password2")

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if name.casefold().startswith(INVITED):
            raise forms.ValidationError(f"A name cannot begin with “{INVITED}”.")
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("Somebody else has this name. Choose another.")
        self.user.username = name  # a password must not be like it
        return name

    def save(self, commit: bool = True) -> Any:
        raise NotImplementedError("the desk writes accounts, with their history")
