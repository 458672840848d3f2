"""Answers that are young enough: what is stored if it was looked at lately, else after another look."""
