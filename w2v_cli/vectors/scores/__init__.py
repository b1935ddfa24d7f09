"""How good are the vectors? Rated word pairs and analogies."""
