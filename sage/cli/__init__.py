"""The command line: one module a verb or a few related ones, and a table of them in `verbs`."""
