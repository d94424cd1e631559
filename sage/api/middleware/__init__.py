"""The middleware before the routes: plain ASGI, one concern for each module."""
