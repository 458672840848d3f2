"""Whatever a crawled site, a seed or an address line holds, it is shown as text."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Export, Page, Run
from crawler.outcomes import Outcome
from tests import factories
from tests.factories import Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "javascript:alert(1)",
    "{{ 7|add:7 }}{% debug %}",
    "</title><svg/onload=alert(1)>",
]


@pytest.fixture(params=PAYLOADS)
def payload(request) -> str:
    return request.param


def full_of(payload: str) -> list[str]:
    """Rows with the payload in every text they have; the addresses of the pages that show them."""
    seed = factories.make_seed(
        payload,
        start_urls=f"http://shop.example/{payload}",
        fields=[{"name": payload, "css": payload}],
        include=payload,
        user_agent=payload,
        obey_robots=False,
        robots_reason=payload,
    )
    url = f"http://shop.example/?q={payload}"
    first = Got(url, title=payload, text=payload, fields={payload: payload}, links=(url,))
    factories.crawl(seed, [first])
    got = [
        Got(url, title=payload + "2", text=payload, fields={payload: "other"}),
        Got(url + "&a=1", Outcome.FAILED, payload[:40], 500, detail=payload),
        Got(url + "&a=2", Outcome.REDIRECTED, None, 301, location=payload),
    ]
    run = factories.crawl(seed, got, at=factories.NOW.replace(hour=13))
    Run.objects.filter(pk=run.pk).update(
        reason=payload, warnings=[payload], out_of_scope=1, out_of_scope_sample=[payload], limits={payload: 1}
    )
    Export.objects.create(kind="pages", format="csv", seed=seed, error=payload, state="failed")
    page = Page.objects.get()
    outcomes = [
        reverse("run", args=[run.pk]) + f"?outcome={name}" for name in ("stored", "failed", "redirected")
    ]
    return [
        "/",
        reverse("seeds"),
        reverse("seed", args=[seed.pk]),
        reverse("runs"),
        *outcomes,
        reverse("pages"),
        reverse("page", args=[page.pk]),
        reverse("version", args=[page.latest_id]),
        reverse("records") + f"?seed={seed.pk}",
        reverse("exports"),
        reverse("admin:catalog_seed_changelist"),
        reverse("admin:catalog_seed_change", args=[seed.pk]),
        reverse("admin:catalog_page_changelist"),
        reverse("admin:catalog_visit_changelist"),
    ]


def test_payloads_are_shown_as_text(client: Client, payload: str):
    factories.log_in(client, "operator", is_staff=True)
    for address in full_of(payload):
        response = client.get(address)
        assert response.status_code == 200, address
        assert_harmless(response.content.decode(), address)


def test_payloads_in_the_address_line_are_shown_as_text(client: Client, payload: str):
    factories.log_in(client, "viewer")
    factories.shop(rounds=1)
    for name in ("seeds", "runs", "pages", "records", "exports"):
        for query in ("text", "after", "seed", "sort", payload):
            response = client.get(reverse(name), {query: payload})
            assert response.status_code == 200, (name, query)
            assert_harmless(response.content.decode(), name)
    run = Run.objects.get()
    for query in ("outcome", "reason", "after"):
        assert_harmless(client.get(reverse("run", args=[run.pk]), {query: payload}).content.decode(), query)
    assert_harmless(client.get(f"/{payload}/").content.decode(), "not found")
    assert_harmless(client.get("/login/", {"next": payload}).content.decode(), "login")


def assert_harmless(html: str, where: str) -> None:
    for dangerous in ("<script>alert", "<img src=x", "<svg/onload", 'href="javascript:', "<title></title>"):
        assert dangerous not in html, (where, dangerous)
