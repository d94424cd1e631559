"""The only room that reads the environment."""
