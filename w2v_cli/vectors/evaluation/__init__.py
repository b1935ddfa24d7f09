"""How good are the vectors? Neighbours, similarity, analogies."""
