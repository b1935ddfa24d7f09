"""What a run leaves on disk: atomic files, checkpoints and vector formats."""
