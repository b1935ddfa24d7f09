"""Files of vectors: one module per format, a catalogue, and `files`, which reads and writes any."""
