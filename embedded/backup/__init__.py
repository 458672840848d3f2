"""A data folder as a backup, taken while everything runs, and a data folder made of it again."""
