"""What a memory hands to AI clients over weeks of work: played through the hooks, and judged."""
