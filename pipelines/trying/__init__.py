"""Trying: one page is fetched and read as a crawl would, shown whole, and nothing of it is stored.

:mod:`pipelines.trying.pages` is the entry. It fetches in this process, by the crawler's own rules, and reads
in another one that may be killed (:mod:`pipelines.trying.child`): the page is a stranger's.
"""
