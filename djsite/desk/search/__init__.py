"""Search, as people ask for it: what is looked for, what is shown, how far the index is."""
