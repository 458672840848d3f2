"""Data that go out by themselves."""
