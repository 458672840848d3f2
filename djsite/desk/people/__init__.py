"""The people of an installation: who may do what, inviting them, and taking leave of them."""
