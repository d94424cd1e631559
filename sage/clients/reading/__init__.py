"""What the formats of other programs share: files in folders and zips, lists, tables and trees."""
