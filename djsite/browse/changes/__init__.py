"""What changed: the list, its kept views and their Atom feeds."""
