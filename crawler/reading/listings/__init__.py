"""Lists whose items have pages of their own: where they lead on to, and which addresses are of which kind.

Pure: an offer of a list (:mod:`crawler.reading.offers`) and its document in, patterns and rules out.
"""
