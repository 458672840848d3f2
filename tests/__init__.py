"""Tests by kind: unit (nothing running), integration (real servers), acceptance (processes), architecture."""
