"""Connect AI clients: write what they need into their configuration, and take it out again."""
