"""Files of vectors: one file a format, a catalogue, and `files`, which reads and writes any."""
