"""How the files of each program are recognized and read, a module each."""
