"""The page to explore: words on a map, in one HTML file that needs no network."""
