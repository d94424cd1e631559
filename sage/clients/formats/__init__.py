"""The readers of other programs' files, one module per program."""
