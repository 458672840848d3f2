"""The admin site itself: who gets in, and what it is called. Its models register with it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url


class CrawlbeatAdminSite(admin.AdminSite):
    """Open to staff and to operators: both change seeds here."""

    site_header = site_title = "Crawlbeat"
    index_title = "Administration"
    enable_nav_sidebar = False  # the index and the links to the site are enough

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_active and (user.is_staff or user.has_perm("catalog.change_seed"))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One login page for site and admin."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or resolve_url("admin:index"))

    def password_change(  # type: ignore[override]  # a redirect is as good as a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One page for everybody's password, which counts the tries."""
        return redirect("password_change")
