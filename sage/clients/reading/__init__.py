"""Shared parts of the formats: files in folders and zips, lists, tables and trees."""
