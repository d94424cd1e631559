"""`sage bench`: measures retrieval quality, and latency relative to floors in the same run."""
