"""Move all data to another database while Sage continues to save, and switch Sage to it."""
