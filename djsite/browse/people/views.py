"""People: all of them for administrators, the page of an invitation, and everybody's own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required, permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from djsite.browse.people.forms import InviteForm, JoinForm, RoleForm
from djsite.desk.access import tokens
from djsite.desk.people import changing, letters
from djsite.desk.people.listing import is_invited, people, role_of, state_of
from djsite.desk.read.keyset import cut

may_manage_people = permission_required("auth.change_user", raise_exception=True)
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@may_manage_people
@never_cache
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody with name, role, last login and tokens; a form that invites somebody."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = changing.invite(_user(request), **form.cleaned_data)
        except changing.Refused as error:
            form.add_error(None, str(error))
        else:
            return _list(request, InviteForm(), _hand_over(request, person, changing.Link(person)))
    return _list(request, form)


def _list(request: HttpRequest, form: InviteForm, made: dict[str, Any] | None = None) -> HttpResponse:
    part = cut(people(), request.GET.get("after", ""), order="username")
    rows = [(row, _row(row)) for row in part.rows]
    context = {"slice": part, "rows": rows, "form": form, "made": made, "mails": letters.mail_channel()}
    return render(request, "browse/people_list.html", context)


def _row(person: User) -> dict[str, Any]:
    role = role_of(person)
    form = RoleForm(initial={"role": role}, auto_id=f"role-{person.pk}-%s")
    return {"role": role, "state": state_of(person), "invited": is_invited(person), "form": form}


def _hand_over(request: HttpRequest, person: User, link: changing.Link) -> dict[str, Any]:
    """The link, to be shown this once; sent by mail, too, if there is a server for it."""
    address = request.build_absolute_uri(reverse("join", args=[link.number, link.token]))
    answer, channel = None, letters.mail_channel()
    if person.email and channel is not None:
        by = _user(request).get_username()
        answer = letters.send_invitation(channel, person.email, address, by, timezone.now())
    return {"link": address, "person": person, "answer": answer}


@require_POST
@may_manage_people
@never_cache
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Another link for somebody who has not come yet."""
    person = get_object_or_404(User, pk=pk)
    try:
        made = _hand_over(request, person, changing.link_anew(_user(request), person))
    except changing.Refused as error:
        messages.error(request, str(error))
        return redirect("people")
    return _list(request, InviteForm(), made)


@require_POST
@may_manage_people
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a role.")
        return redirect("people")
    wanted = form.cleaned_data["role"]
    return _done(request, pk, lambda by, person: changing.give_role(by, person, wanted), f"is now {wanted}")


@require_POST
@may_manage_people
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """End an account and its tokens."""
    now = timezone.now()
    sentence = "cannot log in any more; the tokens are revoked"
    return _done(request, pk, lambda by, person: changing.deactivate(by, person, now), sentence)


@require_POST
@may_manage_people
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an account log in again."""
    return _done(request, pk, changing.activate, "can log in again; tokens have to be made anew")


@require_POST
@may_manage_people
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    return _done(request, pk, changing.withdraw, "is invited no more")


def _done(request: HttpRequest, pk: int, change: Callable[[User, User], None], sentence: str) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    name = person.email if is_invited(person) and person.email else person.get_username()
    try:
        change(_user(request), person)
    except changing.Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{name} {sentence}.")
    return redirect("people")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Where an invitation leads: whoever has its link chooses a name and a password, and is logged in."""
    person = changing.invited_by(number, token)
    if person is None:
        context = {
            "heading": "This invitation is over",
            "advice": "Its link is good for one day and for one use. Ask who invited you for another.",
        }
        return render(request, "browse/error.html", context, status=404)
    form = JoinForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        changing.join(person, form.cleaned_data["username"], form.cleaned_data["new_password1"])
        login(request, person, backend=BACKEND)
        return redirect("dashboard")
    return render(request, "browse/join.html", {"form": form, "role": role_of(person)})


@require_safe
def you(request: HttpRequest) -> HttpResponse:
    """Somebody's own account: role, password, tokens."""
    user = _user(request)
    in_force = tokens.tokens_of(user).filter(revoked_at=None)
    context = {"person": user, "role": role_of(user), "tokens": in_force[: tokens.MOST]}
    return render(request, "browse/you.html", context)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "everybody here has a login"
    return request.user
