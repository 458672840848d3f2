"""What people are shown of slots: what happened to each due time of a seed in a span of time. Only reads."""
