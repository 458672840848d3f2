"""As of: what was known of records and pages at a moment of the past.

It is told from the rows that are there now, by the times at which pages were fetched; nothing is kept for it.
What was overwritten since is not known any more (docs/operations.md).
"""
