"""What is offered to programs."""
