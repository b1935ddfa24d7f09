"""What can be set, and what a run obeys."""
