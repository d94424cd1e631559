"""Weeks of several people and coding agents, made up by a program: the same for the same seed."""
