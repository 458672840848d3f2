"""Everybody's own tokens: the list, the form that makes one, and revoking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from djsite.browse.roles import may_look
from djsite.desk.access import tokens
from djsite.desk.read.keyset import cut

DAYS = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "for ever"))


class TokenForm(forms.Form):
    """Names a token, and says what it may do and for how long."""

    name = forms.CharField(
        label="What it is for",
        max_length=100,
        widget=forms.TextInput({"placeholder": "morning report"}),
        error_messages={"required": "Say what it is for: you will want to know when you revoke it."},
    )
    role = forms.ChoiceField(label="What it may do")
    days = forms.TypedChoiceField(
        label="How long it is valid",
        required=False,
        coerce=int,
        empty_value=None,
        choices=DAYS,
        initial="365",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in tokens.roles_for(user)]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@may_look
def token_list(request: HttpRequest) -> HttpResponse:
    """Somebody's tokens, and a form that makes one; its secret is shown in the answer and never again."""
    user = _user(request)
    form, made = TokenForm(request.POST or None, user=user), None
    if request.method == "POST" and form.is_valid():
        made = _make(request, form, user)
        form = TokenForm(user=user) if made else form
    part = cut(tokens.tokens_of(user), request.GET.get("after", ""))
    context = {"form": form, "made": made, "slice": part, "now": timezone.now()}
    return render(request, "browse/token_list.html", context)


def _make(request: HttpRequest, form: TokenForm, user: User) -> tokens.NewToken | None:
    values, now = form.cleaned_data, timezone.now()
    expires_at = now + timedelta(days=values["days"]) if values["days"] else None
    try:
        return tokens.make(user, values["name"], values["role"], expires_at)
    except tokens.Refused as error:
        messages.error(request, str(error))
        return None


@require_POST
@may_look
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of somebody's tokens at once."""
    user = _user(request)
    token = get_object_or_404(tokens.tokens_of(user), pk=pk)
    tokens.revoke(user, token, timezone.now())
    messages.success(request, f"The token “{token.name}” is revoked: it opens nothing any more.")
    return redirect("tokens")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "every role has a login"
    return request.user
