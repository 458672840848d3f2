"""What belongs to a seed and has addresses below it, and what is done to all seeds."""
