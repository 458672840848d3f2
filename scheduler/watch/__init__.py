"""What people and monitors are told of the whole. Only reads."""
