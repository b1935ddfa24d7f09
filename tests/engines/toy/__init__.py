"""A toy engine, as a newcomer would write one: a folder and one line in the catalogue."""
