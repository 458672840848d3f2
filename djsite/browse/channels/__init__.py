"""Channels and their messages on the site."""
