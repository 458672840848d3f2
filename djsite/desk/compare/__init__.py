"""What changed: two versions of a page beside each other, and the values of a record over time."""
