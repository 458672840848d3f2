"""What people do with a run while it goes."""
