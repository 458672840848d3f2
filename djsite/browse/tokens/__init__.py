"""Tokens, with which programs ask the API in somebody's name."""
