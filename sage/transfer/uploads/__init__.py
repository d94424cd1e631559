"""Import files that are handed in: kept on disk for a while, read by processes of their own."""
