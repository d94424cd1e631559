"""The domain model: frozen dataclasses and small protocols. No I/O."""
