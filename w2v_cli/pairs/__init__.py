"""Counting pairs of words."""
