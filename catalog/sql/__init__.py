"""Statements written by hand, where the ORM takes too long."""
