"""What strangers send to the site, and what the site says to strangers about keeping it."""

from __future__ import annotations

import unicodedata

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Export, Host, Page, Run, Snapshot
from djsite.browse import downloads
from djsite.desk.shown import MARKS, PARAGRAPH, TEXT, shown
from pipelines.export import make_export
from tests import factories
from tests.factories import Got

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
LONG = "long " * 40_000


@pytest.fixture
def staff(client: Client) -> Client:
    factories.log_in(client, "operator", is_staff=True, is_superuser=True)
    return client


# Long texts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "short", "x" * 300, "ä" * 300])
def test_a_text_that_fits_is_shown_as_it_is(text: str):
    assert shown(text) == text


def test_a_longer_text_ends_with_an_ellipsis():
    assert shown("x" * 301) == "x" * 299 + "…"


def test_few_marks_stand_on_a_letter():
    calm = shown("a" + "\u0301" * 200 + "b", 1000)
    assert calm == "a" + "\u0301" * MARKS + "b"
    thai = "เป็นกำลัง"
    assert shown(thai) == thai


def everything_long() -> list[str]:
    """Pages about one crawled page whose every text is long."""
    seed = factories.make_seed()
    url = "http://shop.example/?" + "q" * 1900
    got = Got(url, title=LONG, text=LONG, fields={"name": LONG}, links=(url,))
    run = factories.crawl(seed, [got, Got(url + "2", 4, "http_500", 500, detail=LONG[:300])])
    Run.objects.filter(pk=run.pk).update(warnings=[LONG], out_of_scope=1, out_of_scope_sample=[LONG])
    Host.objects.update(robots_body=LONG, robots_status=200)
    Export.objects.create(kind="pages", format="csv", seed=seed, error=LONG, state="failed")
    page = Page.objects.get()
    return [
        "/pages/",
        f"/pages/{page.pk}/",
        f"/versions/{page.latest_id}/",
        f"/records/?seed={seed.pk}",
        f"/runs/{run.pk}/",
        f"/runs/{run.pk}/?outcome=failed",
        f"/hosts/{page.host_id}/",
        "/exports/",
        f"/admin/catalog/host/{page.host_id}/change/",
        f"/admin/catalog/run/{run.pk}/change/",
        f"/admin/catalog/page/{page.pk}/change/",
        "/admin/catalog/visit/",
        "/admin/catalog/export/",
    ]


def test_no_page_is_long_because_a_text_is(staff: Client):
    for route in everything_long():
        answer = staff.get(route)
        assert answer.status_code == 200, route
        assert len(answer.content) < 120_000, f"{route}: {len(answer.content):,} bytes"


def test_all_of_a_version_is_a_download(client: Client):
    everything_long()
    factories.log_in(client, "viewer")
    version = Snapshot.objects.get()
    route = reverse("version-whole", args=[version.pk])
    page = client.get(reverse("version", args=[version.pk])).content.decode()
    assert route in page and "are shown." in page
    answer = client.get(route)
    assert answer["Content-Disposition"].startswith("attachment")
    assert LONG.strip() in answer.getvalue().decode()
    assert len(LONG) > TEXT > PARAGRAPH


# What is asked --------------------------------------------------------------------------------------------

NUL = [
    "/hosts/?after=%00~1",
    "/seeds/?after=a%00b~5",
    "/pages/?text=%00",
    "/runs/1/?reason=%00",
    "/records/?seed=%00",
    "/download/pages.csv?seed=%00",
    "/download/pages%00.csv",
    "/seeds/1/calendar/%00/",
    "/admin/catalog/seed/?q=%00",
    "/admin/catalog/seed/?enabled__exact=%00",
    "/admin/catalog/visit/?state__exact=%00",
    "/admin/catalog/visit/%00/change/",
    "/admin/catalog/host/?q=a&%00=b",
    "/login/?next=%00",
]


@pytest.mark.parametrize("route", NUL)
def test_a_nul_is_refused_and_no_error_of_ours(staff: Client, route: str):
    answer = staff.get(route)
    assert answer.status_code == 400
    assert b"NUL" in answer.content


def test_a_nul_in_a_cookie_is_refused(client: Client):
    client.cookies["sessionid"] = "a\0b"
    assert client.get("/").status_code == 400


@pytest.mark.parametrize("name", ["text", "after", "seed", "state", "reason", "q", "o", "p", "e", "_facets"])
def test_other_control_characters_are_no_error_either(staff: Client, name: str):
    factories.shop(rounds=1)
    for route in ("/pages/", "/hosts/", "/seeds/", "/runs/", "/records/", "/admin/catalog/visit/"):
        for control in ("\x01", "\x7f", "\x1b", "\u2028", "\ud7ff", "\r\n"):
            answer = staff.get(route, {name: control})
            assert answer.status_code in (200, 302, 400, 404), f"{route} {control!r}"


@pytest.mark.parametrize("chosen", ["\0", "x", "1\0", "999999999999999999999"])
def test_a_choice_that_is_none_is_no_error(staff: Client, chosen: str):
    factories.make_seed()
    data = {"action": "enable", "_selected_action": chosen}
    assert staff.post("/admin/catalog/seed/", data).status_code in (200, 302, 400)


@pytest.mark.parametrize(
    "rule", [" ".join(["div"] * 5000), ":not(" * 5000 + "a" + ")" * 5000, "/" + "/".join(["div"] * 5000)]
)
def test_a_selector_of_five_thousand_parts_is_no_error(staff: Client, rule: str):
    seed = factories.make_seed()
    url = reverse("admin:catalog_seed_change", args=[seed.pk])
    form = staff.get(url).context["adminform"].form
    filled = {name: value for name, value in form.initial.items() if value is not None}
    answer = staff.post(url, {**filled, "every": 1, "unit": "hours", "rules": f"t = {rule}"})
    assert answer.status_code in (200, 302)


# What is answered -----------------------------------------------------------------------------------------


def test_nothing_private_is_kept_by_a_cache(staff: Client):
    seed = factories.shop(rounds=1)
    page = Page.objects.first()
    assert page is not None
    for route in (
        *("/", "/pages/", "/login/", "/admin/", "/nowhere/", "/live/"),
        f"/download/pages.csv?seed={seed.pk}",
        f"/versions/{page.latest_id}/body/",
        f"/versions/{page.latest_id}/whole/",
    ):
        assert "no-store" in staff.get(route)["Cache-Control"], route


def test_https_is_asked_for_and_kept_where_a_proxy_ends_tls(client: Client, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 365 * 86400
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    plain = client.get("/login/")
    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/login/")
    through = client.get("/login/", headers={"X-Forwarded-Proto": "https"})
    assert through.status_code == 200
    assert through["Strict-Transport-Security"] == "max-age=31536000"
    assert client.get("/health/").status_code == 200  # monitors inside ask without the proxy


# Ranges of files ------------------------------------------------------------------------------------------


@pytest.fixture
def made(client: Client) -> tuple[str, bytes]:
    """A finished export: its address and its bytes."""
    factories.log_in(client, "viewer")
    export = Export.objects.create(kind="pages", format="jsonl", seed=factories.shop(rounds=1))
    make_export(export.pk, factories.NOW)
    route = reverse("export-file", args=[export.pk])
    return route, b"".join(client.get(route).streaming_content)


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-9", (0, 10)),
        ("bytes=5-", (5, None)),
        ("bytes=-7", (-7, None)),
        ("bytes=3-9999999", (3, None)),
    ],
)
def test_a_file_is_sent_from_where_a_download_broke_off(client: Client, made, asked: str, span):
    route, whole = made
    answer = client.get(route, headers={"Range": asked})
    assert answer.status_code == 206
    part = b"".join(answer.streaming_content)
    assert part == whole[slice(*span)]
    assert answer["Content-Length"] == str(len(part))
    begin = range(len(whole))[slice(*span)].start
    assert answer["Content-Range"] == f"bytes {begin}-{begin + len(part) - 1}/{len(whole)}"


def test_a_range_behind_the_end_is_told(client: Client, made):
    route, whole = made
    answer = client.get(route, headers={"Range": f"bytes={len(whole)}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(whole)}")


@pytest.mark.parametrize("asked", ["bytes=9-3", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b"])
def test_a_range_that_says_nothing_gives_the_whole(client: Client, made, asked: str):
    route, whole = made
    answer = client.get(route, headers={"Range": asked})
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == whole


def test_another_file_is_not_joined_to_the_first_part(client: Client, made):
    route, whole = made
    answer = client.get(route, headers={"Range": "bytes=5-", "If-Range": '"another"'})
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == whole
    tag = answer["ETag"]
    again = client.get(route, headers={"Range": "bytes=5-", "If-Range": tag})
    assert again.status_code == 206
    again.close()


# Downloads at once ----------------------------------------------------------------------------------------


def test_a_fifth_download_of_an_account_is_refused(client: Client):
    factories.log_in(client, "viewer")
    factories.shop(rounds=1)
    route = reverse("download", args=["pages", "jsonl"])
    under_way = [client.get(route) for _ in range(downloads.PARALLEL)]
    refused = client.get(route)
    assert refused.status_code == 429
    assert "4 downloads of your account are under way" in refused.content.decode()
    other = Client()
    factories.log_in(other, "viewer")
    assert other.get(route).status_code == 200
    assert b"".join(under_way[0].streaming_content)
    assert client.get(route).status_code == 200


def test_a_download_that_is_refused_uses_up_nothing(client: Client):
    factories.log_in(client, "viewer")
    for _ in range(2 * downloads.PARALLEL):
        assert client.get("/download/pages.csv?seed=999").status_code == 404


def test_a_csv_for_excel_begins_with_a_mark(client: Client):
    factories.log_in(client, "viewer")
    factories.shop(rounds=1)
    plain = client.get("/download/pages.csv").getvalue()
    assert client.get("/download/pages.csv-excel").getvalue() == b"\xef\xbb\xbf" + plain
    assert unicodedata.name("\ufeff") == "ZERO WIDTH NO-BREAK SPACE"
