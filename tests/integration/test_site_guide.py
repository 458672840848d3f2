"""The guide: every document of its list is a page, and its links lead somewhere."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from djsite.browse.guide import chapters as guide
from tests.factories.people import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    log_in(client, "viewer")
    return client


def test_the_first_chapter_is_where_it_begins(reader: Client):
    assert reader.get("/guide/")["Location"] == f"/guide/{guide.chapters()[0].slug}/"


def test_every_document_of_the_list_is_there():
    assert [each.slug for each in guide.chapters()] == list(guide.SLUGS)


def test_links_between_chapters_are_pages_and_no_link_leads_to_a_file(reader: Client):
    for each in guide.chapters():
        page = reader.get(f"/guide/{each.slug}/")
        assert f"<h1>{each.title}</h1>" in page.text
        for target in re.findall(r'href="(/guide/[^"#]+)', page.text):
            assert reader.get(target).status_code == 200, target
        assert not re.findall(r'href="[^"]*\.md', page.text), each.slug


def test_html_in_a_document_is_shown_as_text(tmp_path):
    path = tmp_path / "x.md"
    path.write_text("# X\n\n<script>alert(1)</script> [y](javascript:alert(1))\n")
    text = guide._read(path).text
    assert "<script" not in text
    assert "href" not in text


def test_what_is_no_chapter_is_not_found(reader: Client):
    assert reader.get("/guide/nothing/").status_code == 404


def test_every_picture_of_a_chapter_is_there_and_says_what_it_shows(reader: Client):
    pictures = [each for chapter in guide.chapters() for each in re.findall(r"<img[^>]*>", chapter.text)]
    assert pictures
    for each in pictures:
        answer = reader.get(re.findall(r'src="([^"]+)"', each)[0])
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png"), each
        assert answer.getvalue().startswith(b"\x89PNG")
        assert re.search(r'alt="[^"]{10,}"', each), each


def test_what_is_no_picture_is_not_found(reader: Client):
    assert reader.get("/guide/pictures/nothing.png").status_code == 404
