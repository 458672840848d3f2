"""Pages of second factors: the code after the login, switching on and off, and what administrators may do."""

from __future__ import annotations

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from catalog import sealing
from djsite.browse.login import address_of
from djsite.browse.people.views import may_manage_people
from djsite.sso import factors
from djsite.sso.factors import Missing
from djsite.sso.forms import CodeForm, FirstCodeForm, RequireForm
from djsite.sso.middleware import held_of
from djsite.sso.models import SecondFactor
from djsite.sso.signing_in import after

NEW = "new_second_factor"  # in a session: a secret that is not in force yet, sealed


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """The code that a login asks for after the password."""
    held = held_of(request)
    if held is None or held.missing != Missing.CODE:
        return redirect(after(request))
    form = CodeForm(request.POST or None, person=held.person, address=address_of(request))
    if request.method == "POST" and form.is_valid():
        factors.mark(request.session, held.person)
        return redirect(after(request))
    return render(request, "sso/code.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def setup(request: HttpRequest) -> HttpResponse:
    """Switching a second factor on: for whoever wants one, and whoever must have one before all else."""
    held = held_of(request)
    person = held.person if held and held.missing == Missing.SETUP else request.user
    if not isinstance(person, User):
        return redirect("login")
    if SecondFactor.objects.filter(person=person).exists():
        return redirect("you")
    try:
        secret = _new_secret(request)
    except sealing.SealingError as error:
        context = {"heading": "Two factors cannot be switched on", "advice": str(error)}
        return render(request, "browse/error.html", context, status=409)
    form = FirstCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = factors.switch_on(person, secret, form.cleaned_data["code"], request.session)
        except factors.Refused as error:
            form.add_error("code", str(error))
        else:
            del request.session[NEW]
            return render(request, "sso/codes.html", {"codes": codes, "after": after(request)})
    shown = {"secret": _in_fours(secret), "picture": _picture(secret, person)}
    return render(request, "sso/setup.html", {"form": form, "held": held, **shown})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def off(request: HttpRequest) -> HttpResponse:
    """Switching one's second factor off; with a code, so that an open browser alone does not do it."""
    form = _code_form(request)
    if request.method == "POST" and form.is_valid():
        try:
            factors.switch_off(_user(request))
        except factors.Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Your second factor is switched off.")
            return redirect("you")
    return render(request, "sso/confirm.html", {"form": form, "what": "Switch two factors off"})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def codes(request: HttpRequest) -> HttpResponse:
    """Other recovery codes."""
    form = _code_form(request)
    if request.method == "POST" and form.is_valid():
        made = factors.codes_anew(_user(request))
        return render(request, "sso/codes.html", {"codes": made, "after": after(request)})
    return render(request, "sso/confirm.html", {"form": form, "what": "Make recovery codes anew"})


@require_POST
@may_manage_people
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factor of somebody who has lost it."""
    person = get_object_or_404(User, pk=pk)
    try:
        factors.reset(_user(request), person)
    except factors.Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"{person.get_username()} logs in without a second factor until there is another."
        )
    return redirect("people")


@require_POST
@may_manage_people
def require(request: HttpRequest) -> HttpResponse:
    """Say which roles must have a second factor."""
    form = RequireForm(request.POST)
    if form.is_valid():
        factors.require(_user(request), form.cleaned_data["roles"])
        messages.success(request, "It is kept, and asked for from the next page on.")
    else:
        messages.error(request, "Choose among the roles.")
    return redirect("people")


def _new_secret(request: HttpRequest) -> str:
    """The secret of this session: a form that comes back is about the same. Raises SealingError."""
    if NEW not in request.session:
        request.session[NEW] = sealing.seal(factors.new_secret())
    return sealing.unseal(request.session[NEW])


def _picture(secret: str, person: User) -> SafeString:
    """The QR code as SVG, with attributes and no styles; dark on light in either mode, as cameras want it."""
    made = segno.make(factors.address_of(secret, person), error="m", micro=False)
    drawn: str = made.svg_inline(
        scale=4, border=3, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308 - made of a code's squares alone


def _in_fours(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _code_form(request: HttpRequest) -> CodeForm:
    return CodeForm(request.POST or None, person=_user(request), address=address_of(request))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "everybody here has a login"
    return request.user
