"""Comparing two stored versions without their noise: their bodies are read again, in a process of its own."""
