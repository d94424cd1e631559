"""Models over HTTP: SiliconFlow and servers with an OpenAI-compatible API."""
