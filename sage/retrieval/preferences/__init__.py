"""What people want kept to: preferences, working rules and decisions, found by how they say so."""
