"""What people see and do of a run while it goes."""
