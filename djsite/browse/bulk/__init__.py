"""The page on which many seeds are changed at once."""
