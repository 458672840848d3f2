"""Records of documents: the collections of one policy, compiled once for all its documents.

:func:`compile_collections` gives an :class:`Extractor`, whose ``read`` is called for each document;
:mod:`crawler.reading.extractor.trace` shows how a value came about. Pure: no clock, no database, no network.
"""

from crawler.reading.extractor.extractor import Extractor, compile_collections

__all__ = ["Extractor", "compile_collections"]
