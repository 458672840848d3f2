"""Seeds as people handle them: who changed what, and deleting one with a day to bring it back."""
