"""An OAuth 2.1 server for AI clients: an app asks, its user allows it with a token of theirs.

The MCP SDK reads and checks the requests; what was asked, allowed and handed out is in Postgres.
"""
