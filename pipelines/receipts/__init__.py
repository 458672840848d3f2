"""Receipts: the version, the rule set and the bytes behind each value of a record.

:mod:`pipelines.receipts.receipts` is the entry. A receipt is derived anew from the archive, in a process
that may be killed (:mod:`pipelines.receipts.child`), and says whether it is what the record holds.
"""
