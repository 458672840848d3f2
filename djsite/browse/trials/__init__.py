"""Trying pages on the site: its form, and what the seed form takes of a page that was tried."""
