"""Search: the page with the words, the filters and what was found."""
