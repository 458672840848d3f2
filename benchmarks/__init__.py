"""Benchmarks that anybody can repeat: ``crawlbeat bench NAME`` (docs/benchmarks.md)."""
