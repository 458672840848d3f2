"""What is left out of the pages of a seed."""
