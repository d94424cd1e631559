"""The interfaces for programs: MCP, REST and the probes."""
