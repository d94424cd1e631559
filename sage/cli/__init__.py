"""The command line: a module for each verb or several related ones, and their table in `verbs`."""
