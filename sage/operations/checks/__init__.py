"""The checks of what Sage requires to work, as one list."""
