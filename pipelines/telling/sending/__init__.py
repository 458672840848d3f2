"""Sending: the messages of a channel, one after the other, until each has arrived or is given up."""
