"""One file a command: parse, call, render. No arithmetic, no file formats."""
