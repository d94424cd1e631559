"""The steps and the output of `sage connect`."""
