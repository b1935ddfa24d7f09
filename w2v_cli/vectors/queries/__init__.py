"""Questions to vectors: nearest words and analogies."""
