"""How far the index is, and how much was found, in words."""

from __future__ import annotations

from djsite.desk.search.searching import Hits, Progress
from pipelines.search.lookup import RANKED
from pipelines.search.progress import MANY

SYNTAX = (
    ("tea pot", "pages with both words, in the title or the text"),
    ('"green tea"', "the words together, in this order"),
    ("tea -green", "without a word"),
    ("tea*", "words that begin like this, such as teapot"),
)
"""What can be written, and what it means."""


def progress_words(progress: Progress) -> str:
    """``Complete up to 14:03 UTC; 1,200 pages to go.``; empty if there is nothing to say."""
    if progress.is_whole:
        return ""
    pages = "1 page" if progress.left == 1 else f"{min(progress.left, MANY):,} pages"
    more = "more than " if progress.left > MANY else ""
    begun = f"complete up to {progress.upto:%Y-%m-%d %H:%M} UTC" if progress.upto else "just begun"
    return f"The index of words is {begun}; {more}{pages} to go."


def count_words(hits: Hits) -> str:
    """``12 pages``, or what is left out."""
    found = {0: "No page", 1: "1 page"}.get(hits.total, f"{hits.total:,} pages")
    if hits.all_ranked:
        return found
    if hits.total >= RANKED:
        left_out = f"The {hits.total:,} that were found last are in this list"
        return f"More than {hits.total:,} pages. {left_out}; write more words, or filter, for the others."
    return (
        f"{found} of the newest that have these words; they are too many to look at all. "
        "Write more words, or choose a seed or a host, for the others."
    )
