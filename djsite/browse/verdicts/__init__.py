"""The page of an answer with a verdict, and the buttons that overrule the verdict or let it count again."""
