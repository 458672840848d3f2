"""A list of addresses on the site: a preview of thousands first, and seeds of exactly what it showed."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Seed
from tests.factories import log_in, make_seed

pytestmark = pytest.mark.django_db
PAGE = "/seeds/import/"


@pytest.fixture
def operator(client: Client) -> Client:
    log_in(client, "operator")
    return client


def test_a_file_of_thousands_is_previewed_and_then_saved_as_one_seed(operator):
    make_seed(name="Shop", start_urls="https://shop.example/1")
    rows = "".join(f"{n};https://shop.example/{n}\n" for n in range(1, 3_001))
    file = SimpleUploadedFile("shop pages.csv", f"n;page\n{rows}x;ftp://no.example/\n".encode())
    shown = operator.post(PAGE, {"file": file, "column": "page", "text": ""})
    text = " ".join(shown.content.decode().split())
    for said in ("Read as CSV", ">2 999</td>", "cannot be crawled", "a seed begins there already"):
        assert said in text
    assert Seed.objects.count() == 1
    kept = shown.context["form"].initial
    answer = operator.post(
        PAGE,
        {
            "addresses": kept["addresses"],
            "name": kept["name"],
            "scope": "page",
            "every": "86400",
            "tags": "a b",
        },
    )
    seed = Seed.objects.get(name="shop pages")
    assert answer["Location"] == reverse("seed", args=[seed.pk])
    assert len(seed.start_urls.splitlines()) == 2_999
    assert (seed.interval_seconds, seed.tags) == (86_400, ["a", "b"])


def test_a_pasted_list_may_become_a_seed_each(operator):
    shown = operator.post(PAGE, {"text": "www.a.example\nhttps://b.example/\n<script>alert(1)</script>\n"})
    assert "<script>alert" not in shown.content.decode()
    addresses = shown.context["form"].initial["addresses"]
    operator.post(
        PAGE, {"addresses": addresses, "each": "each", "scope": "host", "name": "", "every": "", "tags": ""}
    )
    assert set(Seed.objects.values_list("name", "schedule")) == {
        ("www.a.example", "manual"),
        ("b.example", "manual"),
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": " "}, "Choose a file, or write addresses below."),
        ({"text": "# none"}, "There are no addresses in this list."),
        ({"text": "page,n\nhttps://a.example/,1\n", "column": "x"}, "There is no column"),
        ({"addresses": "nothing here", "scope": "page"}, "No address of this list is new"),
        ({"addresses": "", "scope": "page"}, "This field is required."),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_made(operator, given, said):
    assert said in operator.post(PAGE, given).content.decode()
    assert not Seed.objects.exists()
