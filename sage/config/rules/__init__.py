"""What settings must agree on with each other."""
