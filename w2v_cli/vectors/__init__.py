"""Words and their vectors: tables, questions, scores, files."""
