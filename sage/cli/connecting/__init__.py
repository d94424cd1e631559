"""What `sage connect` does and shows."""
