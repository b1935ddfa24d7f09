"""The plain engine: both losses in vectorised NumPy."""
