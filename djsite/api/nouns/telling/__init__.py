"""Calls about telling people: what is told, and where."""
