"""Read memories from files that others wrote, each kind in a module of its own."""
