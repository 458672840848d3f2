"""Composition of the URLs. Admin autodiscovery happens here, so that workers never import it."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

admin.autodiscover()

handler400 = "djsite.browse.views.errors.bad_request"
handler403 = "djsite.browse.views.errors.forbidden"
handler404 = "djsite.browse.views.errors.not_found"
handler500 = "djsite.browse.views.errors.broken"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("djsite.api.urls")),
    path("", include("djsite.browse.urls")),
]
if settings.SSO:
    urlpatterns.append(path("", include("djsite.sso.urls")))
