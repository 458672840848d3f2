"""What changed: events as people read them, lists of them that are kept, and their downloads."""
