"""Lists to look through and forget from: each page looks at a bounded part of a space."""
