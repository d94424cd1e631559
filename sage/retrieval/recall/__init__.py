"""What a session is told without asking: exchanges of its project, and what a prompt is about."""
