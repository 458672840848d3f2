"""URLs of sign-in by a provider and of second factors.

Where a page that polls may be sent instead, it begins with ``login/``: the page is then loaded again.
"""

from __future__ import annotations

from django.urls import path

from djsite.sso import pages, signing_in

urlpatterns = [
    path("login/with/", signing_in.begin, name="oidc"),
    path("login/back/", signing_in.back, name="oidc-back"),
    path("login/code/", pages.code, name="factor-code"),
    path("login/two-factors/", pages.setup, name="factor-setup"),
    path("you/two-factors/off/", pages.off, name="factor-off"),
    path("you/two-factors/codes/", pages.codes, name="factor-codes"),
    path("you/disconnect/", signing_in.disconnect, name="oidc-disconnect"),
    path("people/two-factors/", pages.require, name="factors-require"),
    path("people/<int:pk>/two-factors/reset/", pages.reset, name="factor-reset"),
]
