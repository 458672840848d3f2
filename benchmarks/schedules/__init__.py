"""Many seeds that are due in the same second."""
