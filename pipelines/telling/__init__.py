"""Telling people of events: which alerts an event meets, what waits to be sent, and how it is sent."""
