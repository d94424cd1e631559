"""Whether the first hits answer: features of their evidence, a fitted model, and bounds on it."""
