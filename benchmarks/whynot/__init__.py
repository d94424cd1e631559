"""Whether the reason that Sage names is the true one where a known answer was not found."""
