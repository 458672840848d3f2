"""The frontier by itself: admitting, claiming and finishing URLs."""
