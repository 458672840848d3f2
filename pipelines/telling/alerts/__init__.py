"""Alerts: which events meet them, when they tell, and what they would have told."""
