"""Data that goes out by itself: where to, when, and what has gone."""
