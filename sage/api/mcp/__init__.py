"""The MCP interface: tools, prompts, resources."""
