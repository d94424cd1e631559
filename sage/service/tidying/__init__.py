"""Lists of memories to review and forget: each page examines a bounded part of a space."""
