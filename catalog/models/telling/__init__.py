"""What happened, who wants to know of it, and what they were told."""
