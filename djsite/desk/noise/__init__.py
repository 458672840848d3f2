"""What is left out of the pages of a seed: shown with its evidence, and switched by people."""
