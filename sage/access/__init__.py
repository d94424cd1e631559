"""Who may do what, how often, and what they did."""
