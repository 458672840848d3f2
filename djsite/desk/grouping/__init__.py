"""Groups of seeds, and the settings that they give."""
