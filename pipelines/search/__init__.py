"""Search: which pages have some words in their title or text, and the chore that keeps the index of words.

Nothing of it is on the path of a page: store writes a version and its change set as ever, and the chore
follows the sets by their numbers (:mod:`pipelines.changes.numbering`).
"""
