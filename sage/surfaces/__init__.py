"""Who may ask: MCP, HTTP, REST, the command line."""
