"""What `sage import` shows and asks."""
