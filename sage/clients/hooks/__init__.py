"""What AI clients run at the events of a conversation: recall before a prompt, capture after it.

A hook starts many times an hour and must never hold up its client, so that this package and all it
imports use the standard library alone, and the modules of its quick path avoid even slow parts of
that (`typing`, `dataclasses`, `pathlib`).
"""
