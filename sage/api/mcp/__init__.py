"""What is offered over MCP: tools, prompts, resources."""
