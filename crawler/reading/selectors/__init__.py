"""Selectors for an element that somebody points at: proposals that will still match tomorrow come first.

:mod:`crawler.reading.selectors.propose` makes them; :mod:`crawler.reading.selectors.names` says which names
of a page carry meaning and which ones a program made up for one release of the site.
"""
