"""`sage export`: memories as JSON Lines for machines, as Markdown for people."""
