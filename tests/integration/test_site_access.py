"""Who may see and do what: asked of every route, taken from the resolver and not from a list of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern

from catalog.models import Page, Run, Snapshot
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]

OPEN = {
    "/join/1/1/",
    "/login/",
    "/health/",
    "/metrics",
    "/feeds/1.atom",
    "/files/1.csv",
}  # no login; the last three ask for other proof
SAMPLES = {
    "kind": "pages",
    "format": "csv",
    "app_label": "catalog",
    "url": "nowhere/",
    "content_type_id": "1",
}
LOOKING = [
    "dashboard", "dashboard-live", "dashboard-health", "dashboard-changes", "changes", "seeds", "runs",
    "pages", "hosts", "records", "exports",
]  # fmt: skip


def routes() -> list[str]:
    """Every address that the site answers, with something in place of its parameters; not the API's."""
    return sorted(route for route in set(_walk("/", get_resolver().url_patterns)) if route[:5] != "/api/")


def _walk(prefix: str, patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        here = prefix + _filled(pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(here, pattern.url_patterns)
        else:
            yield here


def _filled(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    if isinstance(pattern.pattern, RegexPattern):
        text = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda match: SAMPLES.get(match[1], "1"), text)
        return text.strip("^$").replace("\\Z", "")
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: SAMPLES.get(match[1], "1"), text)


def test_the_resolver_was_walked():
    found = routes()
    assert {"/", "/seeds/1/run/", "/download/pages.csv", "/admin/catalog/seed/1/delete/"} <= set(found)
    assert len(found) > 60


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_login_every_route_leads_to_the_login(client: Client, method: str):
    for route in routes():
        if route in OPEN:
            continue
        response = getattr(client, method)(route)
        assert response.status_code in (302, 403), f"{method} {route}: {response.status_code}"
        if response.status_code == 302:
            assert response["Location"].startswith(("/login/", "/admin/login/")), route


def test_without_a_role_nothing_is_shown(client: Client):
    factories.log_in(client, role=None)
    own = {"/logout/", "/password/", "/admin/logout/", "/you/"}  # everybody's own
    for route in routes():
        if route not in OPEN | own:
            response = client.get(route)
            assert response.status_code in (302, 403, 405), f"{route}: {response.status_code}"
            assert response.status_code != 302 or "/login/" in response["Location"], route
    assert "has no role yet" in client.get("/").content.decode()


def test_a_viewer_sees_everything_and_changes_nothing(client: Client):
    factories.log_in(client, "viewer")
    seed = factories.shop(rounds=1)
    run, page = Run.objects.get(), Page.objects.first()
    looked = [reverse(name) for name in LOOKING]
    looked += [
        reverse("seed", args=[seed.pk]),
        reverse("run", args=[run.pk]),
        reverse("run-live", args=[run.pk]),
    ]
    looked.append(reverse("host", args=[page.host_id]))
    looked += [reverse("page", args=[page.pk]), reverse("version", args=[page.latest_id])]
    for route in looked:
        response = client.get(route)
        assert response.status_code == 200, route
        assert b"/run/" not in response.content and b"/admin/" not in response.content, route
    for name in (
        "seed-run",
        "seed-enable",
        "seed-pause",
        "seed-mute",
        "seed-unmute",
        "run-stop",
        "run-pause",
        "run-resume",
    ):
        assert client.post(reverse(name, args=[1])).status_code == 403, name
    assert client.get("/admin/").status_code in (302, 403)
    assert client.get("/admin/catalog/seed/add/", follow=True).status_code == 403
    assert Run.objects.count() == 1


def test_a_viewer_may_download(client: Client):
    factories.log_in(client, "viewer")
    factories.shop(rounds=1)
    response = client.get(reverse("version-raw", args=[Snapshot.objects.first().pk]))
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")


def test_an_operator_writes_seeds_but_no_users(client: Client):
    factories.log_in(client, "operator")
    assert client.get("/admin/catalog/seed/add/").status_code == 200
    assert client.get("/admin/auth/user/").status_code == 403
    assert client.get("/admin/catalog/visit/").status_code == 200
    assert b"Admin" in client.get("/").content


def test_buttons_need_a_token_and_a_post():
    client = Client(enforce_csrf_checks=True)
    factories.log_in(client, "operator")
    seed = factories.make_seed()
    assert client.post(reverse("seed-run", args=[seed.pk])).status_code == 403
    assert client.get(reverse("seed-run", args=[seed.pk])).status_code == 405
    assert not Run.objects.exists()


def test_every_answer_carries_the_policy(client: Client):
    factories.log_in(client, "operator", is_staff=True)
    for route in ("/", "/pages/", "/login/", "/admin/", "/nowhere/", "/health/"):
        response = client.get(route)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, route
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response["X-Content-Type-Options"] == "nosniff"


def test_no_template_of_the_site_has_inline_scripts_or_styles():
    for path in (settings.BASE_DIR / "djsite" / "browse" / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", text), path


def test_a_poll_after_the_session_has_ended_loads_the_page_anew(client: Client):
    response = client.get(reverse("dashboard-live"), headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Refresh"], response.content) == (200, "true", b"")
    factories.log_in(client, "viewer")
    response = client.get(reverse("dashboard-live"), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in response


def test_login_and_password_pages(client: Client):
    user = factories.make_user("vera", "viewer", password="correct horse")
    assert client.post("/login/", {"username": "vera", "password": "wrong"}).status_code == 200
    response = client.post(
        "/login/?next=/runs/", {"username": "vera", "password": "correct horse", "next": "/runs/"}
    )
    assert response["Location"] == "/runs/"
    again = {
        "old_password": "correct horse",
        "new_password1": "battery staple 9",
        "new_password2": "battery staple 9",
    }
    assert client.post("/password/", again)["Location"] == "/"
    user.refresh_from_db()
    assert user.check_password("battery staple 9")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"


def test_a_login_does_not_lead_to_other_sites(client: Client):
    factories.make_user("vera", "viewer", password="correct horse")
    data = {"username": "vera", "password": "correct horse", "next": "https://evil.example/"}
    assert client.post("/login/", data)["Location"] == "/"


def test_roles_survive_being_made_again():
    from djsite.browse.apps import ROLES, make_roles

    make_roles()
    user = factories.make_user("otto", "operator")
    assert user.has_perms([f"catalog.{name}" for name in ROLES["operator"]])
    assert not factories.make_user("vera", "viewer").has_perm("catalog.change_seed")
