"""Engines train units of work; the catalogue lists them."""
