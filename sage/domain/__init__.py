"""What Sage talks about: frozen dataclasses and small protocols. No I/O."""
