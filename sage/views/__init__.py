"""What people read of memories on a terminal, whichever verb shows them."""
