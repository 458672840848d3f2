"""Stored versions read again by new rules: how fast, how large, and the same although workers are killed."""
