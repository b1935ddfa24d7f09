"""Questions about vectors: nearest words and analogies."""
