"""What people are shown of slots: what became of each due time of a seed in a span of time. Only reads."""
