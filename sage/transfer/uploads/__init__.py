"""Import uploaded files: stored on disk for a while, and read by separate processes."""
