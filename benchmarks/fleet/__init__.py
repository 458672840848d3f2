"""Crawls by workers whose number and kind a bench chooses."""
