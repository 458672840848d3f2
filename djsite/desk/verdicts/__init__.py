"""Verdicts as people meet them: the answers that have one, and how one is overruled and taken back."""
