"""What changes by itself is learned from pairs of versions; what a person came for is kept, at any price."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crawler.collections import Collection
from crawler.reading.content.evidence import Evidence, Moment
from crawler.reading.content.learning import Known, LookedAt, is_noise, learn
from pipelines.noise.child import looks
from pipelines.noise.order import Body, Order, Pair

HOUR = 3600
TEXT = " ".join(f"Sentence number {word} is about tea." for word in ("one", "two", "three", "four", "five"))
Side = Callable[[int, int], str]  # of a page, at a look


def page(number: int, side: str, main: str = "") -> str:
    return (
        f"<title>Tea {number}</title><main><h1>Tea {number}</h1><p>{TEXT}</p><p>{TEXT}</p>{main}</main>"
        f"<aside class='rail'><h2>More</h2>{side}</aside>"
    )


def body(markup: str) -> Body:
    return Body(url="http://tea.test/1", body=markup.encode(), content_type="text/html")


def order(
    pairs: Sequence[tuple[str, str]], known: Sequence[str] = (), rules: Sequence[Collection] = ()
) -> Order:
    return Order(
        pairs=[Pair(before=body(before), after=body(after)) for before, after in pairs],
        known=list(known),
        noise=[],
        collections=[each.plain() for each in rules],
    )


def learned(side: Side, *, pages: int = 3, at: Sequence[int] = (0, 6, 12, 18), unchanged: int = 0,
            rules: Sequence[Collection] = (), in_main: bool = False) -> Known:  # fmt: skip
    """What is known after looks at these hours."""

    def shown(number: int, at: int) -> str:
        part = side(number, at)
        return page(number, "", part) if in_main else page(number, part)

    known: Known = {}
    for run, (before, after) in enumerate(zip(at, at[1:], strict=False)):
        parts = [(side(number, before), side(number, after)) for number in range(pages)]
        pairs = [
            (page(number, "", one), page(number, "", other))
            if in_main
            else (page(number, one), page(number, other))
            for number, (one, other) in enumerate(parts)
        ]
        seen = looks(order(pairs, list(known), rules)).pairs
        since = float(HOUR * (after - before))
        moments = [Moment(number, run, float(HOUR * after), since) for number in range(pages)]
        learn(known, [LookedAt(at, unchanged, look) for at, look in zip(moments, seen, strict=True) if look])
    return known


def left_out(known: Known, counting: Sequence[str] = ()) -> list[str]:
    return [selector for selector in known if is_noise(selector, known, counting)]


def counter(number: int, at: int) -> str:
    return f"<p class='seen'>Seen {1000 * number + at} times</p>"


def test_a_counter_on_several_pages_is_left_out_with_its_evidence():
    known = learned(counter)
    assert left_out(known) == [".seen"]
    evidence = known[".seen"]
    assert (evidence.looks, evidence.changes, evidence.pages, evidence.alone) == (9, 9, 3, 9)
    assert evidence.samples[-1] == ["Seen 2012 times", "Seen 2018 times"]


def test_one_occasion_is_not_enough():
    assert left_out(learned(counter, at=(0, 6))) == []


def seen_again_in_minutes(side: Callable[[int], str], main: Sequence[str] = ("", "", "")) -> Known:
    """What is known of one page after an hour, and a second look five minutes later."""
    known: Known = {}
    shown = [page(1, side(at), main[at]) for at in range(3)]
    for run, since in enumerate((HOUR, 300)):
        (look,) = looks(order([(shown[run], shown[run + 1])], list(known))).pairs
        assert look is not None
        learn(known, [LookedAt(Moment(1, run, float(HOUR + 300 * run), float(since)), 0, look)])
    return known


def test_an_advertisement_that_is_another_one_some_minutes_later_is_left_out_at_once():
    def ad(at: int) -> str:
        return f"<div class='ad'>Best of {'abc'[at]} in the shops of the town</div>"

    assert left_out(seen_again_in_minutes(ad)) == [".ad"]
    edited = seen_again_in_minutes(ad, main=("", "", "<p class='edit'>A sentence that somebody wrote</p>"))
    assert left_out(edited) == [], "something else changed too"


def test_what_has_no_name_of_an_advertisement_is_not_left_out_so_soon():
    assert left_out(seen_again_in_minutes(lambda at: f"<p class='score'>Goal by {'abc'[at]} it is</p>")) == []
    assert left_out(seen_again_in_minutes(lambda at: f"<p class='stock'>{12 + at} left in store</p>")) == []


def test_looks_that_found_a_page_unchanged_say_that_its_blocks_do_not_change_by_themselves():
    assert left_out(learned(counter, unchanged=3)) == []


def test_what_a_field_reads_is_kept():
    rule = Collection.of({"name": "teas", "fields": [{"name": "seen", "css": ".seen"}]})
    known = learned(counter, rules=[rule])
    assert left_out(known) == []
    assert known[".seen"].signs.kept == "a field reads it"


def test_the_heading_and_the_main_text_are_kept():
    def main(number: int, at: int) -> str:
        return f"<div class='ad story'><p>{TEXT.replace('tea', f'tea {at}')}</p></div>"

    known = learned(main, in_main=True)
    assert left_out(known) == [] != list(known)
    assert known[".ad"].signs.kept == "it is a large part of the page"
    heading = learned(lambda number, at: f"<div class='teaser'>Best of {at} <h1>Teas</h1></div>")
    assert heading[".teaser"].signs.kept == "it holds the heading"


def test_numbers_that_fall_and_amounts_of_money_are_values():
    known = learned(lambda number, at: f"<p class='left'>{100 - at} left</p><p class='fare'>{10 + at} €</p>")
    assert left_out(known) == []


def test_teasers_are_left_out_by_their_name_and_news_that_grow_are_not():
    def sides(number: int, at: int) -> str:
        news = "".join(f"<li>News of the hour number {hour}</li>" for hour in range(at + 30, at, -6))
        teasers = f"<div class='teasers'><a href='/{at}'>Story of hour {at} from somewhere</a></div>"
        return f"{teasers}<ul class='news'>{news}</ul>"

    assert left_out(learned(sides)) == [".teasers"]


def test_a_block_that_alternates_by_a_coin_is_left_out_though_it_often_stays_the_same():
    texts = "We ship it on the same day", "Free delivery for all of Europe"
    coins = "0110100110010110"
    known = learned(
        lambda number, at: f"<p class='promise'>{texts[int(coins[(at // 6 + number) % 16])]}</p>",
        at=[6 * look for look in range(9)],
    )
    assert left_out(known) == [".promise"]


def test_a_site_that_is_brought_up_to_date_page_by_page_has_no_noise():
    """Old and new answers alternate for some minutes; a block that goes back is no block that goes on."""
    known: Known = {}
    texts = [f"<p class='imprint'>The {age} imprint of the company</p>" for age in ("old", "new")]
    for run, (before, after) in enumerate([(0, 1), (1, 0), (0, 1)]):
        pairs = [(page(n, texts[before]), page(n, texts[after])) for n in range(4)]
        seen = looks(order(pairs, list(known))).pairs
        learn(known, [LookedAt(Moment(n, run, 300.0 * run, 300.0), 0, look)
                      for n, look in enumerate(seen) if look])  # fmt: skip
    assert known[".imprint"].changes == 12
    assert left_out(known) == []


def test_a_block_around_one_that_counts_is_not_left_out_with_it():
    known = learned(
        lambda number, at: f"<div class='ads'>Offer {at} of today <p class='seen'>Seen {at} times</p></div>"
    )
    assert left_out(known) == [".ads", ".seen"]
    assert left_out(known, counting=[".seen"]) == [".seen"]


def test_a_block_that_calms_down_counts_again():
    evidence = Evidence(selector=".ad", looks=9, changes=9)
    assert not evidence.has_calmed
    still = looks(order([(page(1, "<p class='ad'>A</p>"), page(2, "<p class='ad'>A</p>"))], [".ad"])).pairs[0]
    assert still is not None
    for day in range(40):
        evidence.add(still.blocks[".ad"], Moment(1, day, 86_400.0 * day, 86_400.0), unchanged=0)
    assert evidence.has_calmed


def test_evidence_stays_small_however_long_a_page_is_looked_at():
    known = learned(counter, pages=1, at=[6 * look for look in range(150)])
    evidence = known[".seen"]
    assert evidence.changes <= evidence.looks <= 60
    assert len(str(evidence.signs.plain())) < 3000
    assert left_out(known) == [".seen"]
