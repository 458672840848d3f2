"""From the bytes of a body to its title, text, links, directives and fields; from a sitemap's to its entries.

Pure: no clock, no database, no network. The entries are :mod:`crawler.reading.reader` for documents,
:mod:`crawler.reading.fields` for the fields that a seed asks for, and :mod:`crawler.reading.sitemaps`.
"""
