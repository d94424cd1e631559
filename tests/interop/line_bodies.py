"""Hooks of schemathesis: how it sends a body of lines."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """Send what was made up for a body as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
