"""Lists of addresses: each kind is known by what it holds, and each wrong line is named."""

from __future__ import annotations

import gzip

import pytest

from crawler.seeds.address_lists.checked import MAX_ADDRESSES, MAX_BYTES, read_addresses

A, B = "https://a.example/x", "https://b.example/y?z=1"
SITEMAP = f"<urlset><url><loc>{A}</loc></url><url><loc>{B}</loc></url></urlset>"
OPML = f"""<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Blogs"><outline type="rss" xmlUrl="{A}" htmlUrl="https://a.example/"/></outline>
<outline text="Site" htmlUrl="{B}"/></body></opml>"""


@pytest.mark.parametrize(
    ("body", "name", "column", "kind"),
    [
        (f"{A}\n\n# note\n  {B}  \n", "", "", "text"),
        (f"\ufeffid;page\n1;{A}\n2;{B}\n", "", "", "CSV"),
        (f"1,{A},x\n2,{B},y\n", "list.csv", "", "CSV"),
        (f"page,other\n{A},https://c.example/\n{B},https://c.example/\n", "", "Page", "CSV"),
        (f"{A},https://c.example/\n{B},https://c.example/\n", "", "1", "CSV"),
        (OPML, "", "", "OPML"),
        (SITEMAP, "", "", "sitemap"),
    ],
)
def test_a_list_is_known_by_what_it_holds(body, name, column, kind):
    listed = read_addresses(body.encode(), name, column)
    assert (listed.kind, listed.urls, listed.wrong) == (kind, [A, B], [])


def test_a_packed_sitemap_is_read():
    assert read_addresses(gzip.compress(SITEMAP.encode())).urls == [A, B]


def test_what_is_doubled_is_counted_and_what_is_wrong_is_named_with_its_line():
    listed = read_addresses(
        f"{A}\nwww.c.example\nftp://d.example/\n{A}#top\nhttp://10.0.0.1/\nno address\n".encode()
    )
    assert listed.urls == [A, "https://www.c.example/"]
    assert listed.doubled == 1
    assert [(wrong.line, wrong.text) for wrong in listed.wrong] == [
        (3, "ftp://d.example/"),
        (5, "http://10.0.0.1/"),
        (6, "no address"),
    ]
    assert "not on the public internet" in listed.wrong[1].why


@pytest.mark.parametrize(
    ("body", "column", "said"),
    [
        (b"", "", "There are no addresses in this list."),
        (b"\x89PNG\0\0", "", "This is no text."),
        (b"a" * (MAX_BYTES + 1), "", "larger than 2 MB"),
        (b"a.example\n" * (MAX_ADDRESSES + 1), "", "more than 20,000 addresses"),
        (f"page,n\n{A},1\n".encode(), "link", "There is no column 'link'. It has: page, n."),
        (b"page,n\nx,1\n", "", "No column of this table has addresses"),
        (b"<opml><body><outline", "", "This OPML is damaged in line 1"),
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", "", "declares entities"),
        (b"<sitemapindex><sitemap><loc>https://a.example/</loc></sitemap></sitemapindex>", "", "index"),
        (b"<html><p>x", "", "There are no addresses"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_said(body, column, said):
    with pytest.raises(ValueError, match=said.replace(".", r"\.")):
        read_addresses(body, "", column)
