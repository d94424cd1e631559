"""Spaces, users and tokens: who may open what. Whoever reads the database may administer them."""
