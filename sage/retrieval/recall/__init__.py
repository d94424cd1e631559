"""What a session is given without asking: exchanges of its project, and what a prompt is about."""
