"""An OAuth 2.1 server for AI clients: an app asks, its user allows it with a token of theirs.

The MCP SDK parses and checks the requests; pending requests, grants and issued tokens are stored in
Postgres.
"""
