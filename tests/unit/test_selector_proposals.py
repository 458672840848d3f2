"""Selectors that are proposed for an element: they match it, robust ones come first, none holds a hash."""

from __future__ import annotations

import pytest

from crawler.reading.document import Document
from crawler.reading.fields import css
from crawler.reading.fields.kind import Place
from crawler.reading.reader import read_document
from crawler.reading.selectors.names import is_chosen, is_word
from crawler.reading.selectors.propose import (
    Path,
    all_like,
    element_at,
    path_of,
    propose,
    propose_within,
)

PAGE = """<html><body><div id="top">Hello</div><div class="css-1q8xk2">
<h1 id="headline" class="sc-bdVaJa">Teas</h1>
<ul class="products">
<li class="product first"><h2>Assam</h2><span class="_3fXk9 price" itemprop="price">3.50</span></li>
<li class="product"><h2>Darjeeling</h2><span class="_3fXk9 price" itemprop="price">4.50</span></li>
<li class="product last"><h2>Ceylon</h2><span class="_3fXk9 price" itemprop="price">5.50</span><p>new</p></li>
</ul><table><tr><td>1<td>2<tr><td>3<td>4</table></div></body></html>"""


@pytest.fixture
def document() -> Document:
    return read_document(PAGE.encode(), "text/html", "")


def path_to(document: Document, selector: str) -> Path:
    assert document.tree is not None
    element = document.tree.select_one(selector)
    assert element is not None
    return path_of(element)


def test_an_element_has_one_path(document):
    assert document.tree is not None
    for element in document.tree.root.find_all():
        assert element_at(document.tree, path_of(element)) is element
    with pytest.raises(LookupError, match="no element there any more"):
        element_at(document.tree, (9, 9))


def test_every_proposal_matches_the_element_as_often_as_it_says(document):
    for element in document.tree.select("body *"):
        proposals = propose(document, path_of(element))
        assert proposals
        for proposal in proposals:
            matches = document.tree.select(proposal.selector)
            assert element in matches
            assert len(matches) == proposal.matches
            css.check(proposal.selector)


def test_an_id_comes_first_and_the_place_last(document):
    proposals = propose(document, path_to(document, "h1"))
    assert proposals[0].selector == "#headline"
    assert (proposals[0].matches, proposals[0].why) == (1, "its id")
    assert not [proposal for proposal in proposals if "bdVaJa" in proposal.selector]
    assert propose(document, path_to(document, "td:last-child"))[-1].why == "its place in the tree"


def test_names_with_a_meaning_come_before_classes(document):
    selectors = [proposal.selector for proposal in propose(document, path_to(document, ".price"))]
    assert selectors.index('[itemprop="price"]') < selectors.index(".price")
    assert not [selector for selector in selectors if "_3fXk9" in selector]
    assert ".products" not in selectors


def test_all_like_this_is_the_list(document):
    like = all_like(document, path_to(document, ".product:nth-child(2)"))
    assert (like[0].selector, like[0].matches) == ("li.product", 3)
    from_inside = all_like(document, path_to(document, "h2"))
    assert ("li.product", 3) in [(proposal.selector, proposal.matches) for proposal in from_inside]
    assert all_like(document, path_to(document, "#top")) == []


def test_within_an_item_the_selector_begins_there(document):
    item, price = path_to(document, ".product"), path_to(document, ".product .price")
    proposals = propose_within(document, item, price)
    assert (proposals[0].selector, proposals[0].matches) == ('[itemprop="price"]', 1)
    assert not [proposal for proposal in proposals if "product" in proposal.selector]
    assert propose_within(document, item, path_to(document, "h2"))[0].selector == "h2"
    with pytest.raises(LookupError, match="does not hold"):
        propose_within(document, item, path_to(document, "h1"))


@pytest.mark.parametrize(
    ("copied", "text"),
    [
        ("body > div.css-1q8xk2 > table > tbody > tr:nth-child(2) > td:nth-child(1)", "3"),
        ("body > div:nth-child(2) > ul > li:nth-child(3) > span", "5.50"),
        ("#headline", "Teas"),
        ("html > body > div > table > tbody > tr > td", "1"),
    ],
)
def test_selectors_copied_from_a_browsers_inspector_work_as_they_are(document, copied, text):
    assert css.compile(copied).first(Place(document)) == text


@pytest.mark.parametrize(
    "name", ["price", "product-title", "productTitle", "product_pod", "h1", "ListItem__title"]
)
def test_words_are_words(name):
    assert is_word(name)


@pytest.mark.parametrize(
    "name",
    ["css-1q8xk2", "sc-bdVaJa", "_3fXk9", "x7Kd", "jss12", "styles_card__3Xk9z", "item-12345", "a1b2c3d4"],
)
def test_hashes_and_running_numbers_are_none(name):
    assert not is_chosen(name)


@pytest.mark.parametrize("name", ["active", "mt-4", "col-6", "first"])
def test_layout_and_state_say_nothing_of_a_value(name):
    assert not is_word(name)
