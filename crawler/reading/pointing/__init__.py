"""Pointing at a page: a rendering in which every text can be chosen, and what a choice could become.

:mod:`crawler.reading.pointing.point` is the entry. Pure: a document and a collection in, plain values out.
"""
