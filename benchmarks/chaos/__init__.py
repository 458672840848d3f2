"""Crawls during which everything that can die, hang or fill up does so."""
