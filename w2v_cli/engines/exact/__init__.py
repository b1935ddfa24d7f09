"""Exact training over pair counts: no sampling, one step over many centre words."""
