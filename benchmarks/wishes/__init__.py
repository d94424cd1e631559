"""Train the classifier of wishes (preferences) on example sentences."""
