"""What a person says about a seed: its one definition, and one check for each part of it."""
