"""Ways from D dimensions to two: one file and one line of the catalogue each."""
