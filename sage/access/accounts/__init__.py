"""Spaces, users and tokens. Anyone who can read the database may administer them."""
