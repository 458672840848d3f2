"""RSS and Atom as data, beside the tree that rules read."""

from __future__ import annotations

import pytest

from crawler.reading.reader import read_document

RSS = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
  <atom:link rel="self" href="https://e.org/feed"/><title>News</title><link>https://e.org/</link>
  <item><title>One &amp; two</title><link> https://e.org/1 </link><guid isPermaLink="false">7</guid>
  <pubDate>Fri, 27 Nov 2026 08:00:00 +0100</pubDate><dc:creator>Ann</dc:creator><category>a</category>
  <category>b</category><description>&lt;p&gt;words</description><content:encoded><![CDATA[<p>all]]></content:encoded>
  </item><item><guid>https://e.org/2</guid></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><link href="https://e.org/"/>
  <entry><id>7</id><title>One &amp; two</title><link rel="replies" href="/r"/>
  <link rel="alternate" href="https://e.org/1"/><published>2026-11-27T08:00:00+01:00</published>
  <author><email>a@e.org</email><name>Ann</name></author><category term="a"/><category term="b"/>
  <summary type="html">&lt;p&gt;words</summary><content type="html">&lt;p&gt;all</content></entry>
  <entry><link href="https://e.org/2"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
  <channel><title>News</title></channel><item><title>One</title><link>https://e.org/1</link></item></rdf:RDF>"""
ENTRY = {
    "id": "7",
    "title": "One & two",
    "link": "https://e.org/1",
    "published": "2026-11-27T08:00:00+01:00",
    "updated": None,
    "author": "Ann",
    "summary": "<p>words",
    "content": "<p>all",
    "categories": ["a", "b"],
}


@pytest.mark.parametrize("feed", [RSS, ATOM])
@pytest.mark.parametrize(
    "kind", ["application/rss+xml", "application/atom+xml", "text/xml", "application/xml"]
)
def test_every_feed_has_entries_with_the_same_names(feed, kind):
    document = read_document(feed.encode(), kind, "")
    first, second = document.data["entries"]
    assert first == ENTRY
    assert second["link"] == "https://e.org/2"
    assert (document.data["title"], document.data["link"]) == ("News", "https://e.org/")
    assert document.tree is not None


def test_the_entries_of_rss_1_stand_beside_their_channel():
    (entry,) = read_document(RDF.encode(), "application/rdf+xml", "").data["entries"]
    assert (entry["title"], entry["link"]) == ("One", "https://e.org/1")


def test_a_date_that_nobody_can_read_stays_as_it_is_written():
    feed = "<rss><channel><item><pubDate>yesterday</pubDate></item></channel></rss>"
    assert read_document(feed.encode(), "text/xml", "").data["entries"][0]["published"] == "yesterday"


def test_other_xml_is_a_tree_alone():
    assert read_document(b"<catalog><item/></catalog>", "text/xml", "").data is None
    assert read_document(b"<rss", "text/xml", "").text == ""


def test_a_prefix_that_nothing_declares_costs_no_entry():
    feed = "<rss><channel><u:n/><item><u:n>x</u:n><title>One</title></item></channel></rss>"
    assert read_document(feed.encode(), "text/xml", "").data["entries"][0]["title"] == "One"
