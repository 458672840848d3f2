"""The API under ``/api/``: what the site shows and does, for programs that hold a token."""
