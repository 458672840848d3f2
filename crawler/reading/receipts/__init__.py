"""Receipts: of each value of a record, the bytes of the document that it was read from."""
